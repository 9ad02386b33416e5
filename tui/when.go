package tui

import (
	"fmt"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// when says when something was, as short as it is clear at the moment now: 14:02, Tue 14:02, 12 Mar 14:02 or
// 2025-03-12 14:02. It is empty for a time that is not known.
func when(t, now time.Time, in *time.Location) safe.Cell {
	if t.IsZero() {
		return ""
	}
	t, now = t.In(in), now.In(in)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, in)
	layout := "2006-01-02 15:04"
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		layout = "15:04"
	case t.Before(now) && t.After(today.AddDate(0, 0, -6)):
		layout = "Mon 15:04"
	case t.Year() == now.Year():
		layout = "2 Jan 15:04"
	}
	return safe.Cell(t.Format(layout))
}

// hereOpen begins what is said of a date-time beside its own text.
const hereOpen = "(here "

// here says when a date-time (RFC 3339) is for whoever looks at it, as in `(here 2026-10-02 11:00 +02:00)`. It is empty
// for other texts, and where the text says it in the same offset already.
func here(text string, in *time.Location) safe.Cell {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return ""
	}
	_, theirs := t.Zone()
	local := t.In(in)
	if _, ours := local.Zone(); ours == theirs || local.Year() > 9999 || local.Year() < 0 {
		return ""
	}
	layout := "2006-01-02 15:04 -07:00"
	if t.Second() != 0 {
		layout = "2006-01-02 15:04:05 -07:00"
	}
	return hereOpen + safe.Cell(local.Format(layout)) + ")"
}

// isDate reports whether a value is a date, or a date and a time.
func isDate(v merge.Value) bool {
	text, ok := v.Text()
	if !ok || len(text) < len(time.DateOnly) || len(text) > len(time.RFC3339Nano) {
		return false
	}
	_, err := time.Parse(time.DateOnly, text)
	if err != nil {
		_, err = time.Parse(time.RFC3339Nano, text)
	}
	return err == nil
}

// sameInstant reports whether two date-times are one, in two zones.
func sameInstant(a, b merge.Value) bool {
	x, okX := a.Text()
	y, okY := b.Text()
	if !okX || !okY || a == b {
		return false
	}
	s, errS := time.Parse(time.RFC3339Nano, x)
	t, errT := time.Parse(time.RFC3339Nano, y)
	return errS == nil && errT == nil && s.Equal(t)
}

// hereOf is here for a value of a field. Where a value of the field reads like what we say, nothing is said of any.
func (m *resolveModel) hereOf(f *field, v merge.Value) safe.Cell {
	text, ok := v.Text()
	if !ok {
		return ""
	}
	for _, c := range []safe.Cell{f.local, f.server, f.base, f.proposal} {
		if strings.Contains(string(c), hereOpen) {
			return ""
		}
	}
	return here(text, m.env.location)
}

// age says how long ago t was, in one unit.
func age(t, now time.Time) safe.Cell {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return safe.Cell(itoa(int(d/time.Minute)) + "m")
	case d < 48*time.Hour:
		return safe.Cell(itoa(int(d/time.Hour)) + "h")
	case d < 100*24*time.Hour:
		return safe.Cell(itoa(int(d/(24*time.Hour))) + "d")
	}
	return safe.Cell(itoa(int(d/(7*24*time.Hour))) + "w")
}

// person names who left a side, and on what: `Ana, laptop`. It is empty where neither is known.
func person(by, device string) safe.Cell {
	switch {
	case device == "":
		return safe.Text(by)
	case by == "":
		return safe.Text(device)
	}
	return safe.Text(by) + ", " + safe.Text(device)
}

// head names a side and the person behind it, `1 LOCAL · Ana, laptop`, with (you) for the one who looks at it. Where that
// is too wide the device is left out and returned.
func head(side string, s merge.Stamp, e *env, width int) (c, device safe.Cell) {
	c = safe.Cell(side)
	who := person(s.By, s.Device)
	if who == "" {
		return c, ""
	}
	c += e.glyphs.dot
	you := safe.Cell("")
	if s.By != "" && s.By == e.you {
		you = " (you)"
	}
	if (c+who+you).Width() > width && s.By != "" && s.Device != "" {
		who, device = safe.Text(s.By), safe.Text(s.Device)
	}
	if (c+who+you).Width() > width && you != "" {
		return c + "you", device
	}
	return c + who + you, device
}

// Offline says how long the edit of a side had been made when the hub was given it, as in `offline 3 h`; "" where there is
// nothing to say.
func Offline(s merge.Stamp) safe.Cell {
	switch d := s.Offline(); {
	case d == 0:
		return ""
	case d < 48*time.Hour:
		return safe.Cell("offline " + itoa(int(d/time.Hour)) + " h")
	default:
		return safe.Cell("offline " + itoa(int(d/(24*time.Hour))) + " d")
	}
}

// stamped says which version a side is, and when it was left so.
func stamped(s merge.Stamp, now time.Time, in *time.Location, g *glyphs) safe.Cell {
	at := when(s.At, now, in)
	if s.Version == 0 {
		return at
	}
	version := safe.Cell(fmt.Sprintf("v%d", s.Version))
	if at == "" {
		return version
	}
	return version + g.dot + at
}

// whoAndHow is who, and how long that was on its way.
func whoAndHow(s merge.Stamp, now time.Time, in *time.Location, g *glyphs) safe.Cell {
	return withOffline(who(s, now, in, g), Offline(s))
}

func withOffline(c, offline safe.Cell) safe.Cell {
	switch {
	case offline == "":
		return c
	case c == "":
		return offline
	}
	return c + " (" + offline + ")"
}

// who says who left a side as it is, and when.
func who(s merge.Stamp, now time.Time, in *time.Location, g *glyphs) safe.Cell {
	name, at := person(s.By, s.Device), when(s.At, now, in)
	if name == "" || at == "" {
		return name + at
	}
	return name + g.dot + at
}
