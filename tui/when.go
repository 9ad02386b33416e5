package tui

import (
	"fmt"
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

// age says how long ago t was, in one unit.
func age(t, now time.Time) safe.Cell {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return safe.Cell(fmt.Sprintf("%dm", d/time.Minute))
	case d < 48*time.Hour:
		return safe.Cell(fmt.Sprintf("%dh", d/time.Hour))
	case d < 100*24*time.Hour:
		return safe.Cell(fmt.Sprintf("%dd", d/(24*time.Hour)))
	}
	return safe.Cell(fmt.Sprintf("%dw", d/(7*24*time.Hour)))
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

// who says who left a side as it is, and when.
func who(s merge.Stamp, now time.Time, in *time.Location, g *glyphs) safe.Cell {
	name, at := person(s.By, s.Device), when(s.At, now, in)
	if name == "" || at == "" {
		return name + at
	}
	return name + g.dot + at
}
