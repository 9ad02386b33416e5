package theme

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

type rgb [3]float64 // linear, 0 to 1

// xterm is a colour of the 256 that terminals share; the first 16 are the terminal's own and are not used.
func xterm(t *testing.T, n int) rgb {
	t.Helper()
	level := func(i int) float64 {
		v := []float64{0, 95, 135, 175, 215, 255}[i] / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	switch {
	case n >= 232 && n <= 255:
		v := math.Pow((float64(8+10*(n-232))/255+0.055)/1.055, 2.4)
		return rgb{v, v, v}
	case n >= 16 && n < 232:
		n -= 16
		return rgb{level(n / 36), level(n / 6 % 6), level(n % 6)}
	}
	t.Fatalf("colour %d is the terminal's own", n)
	return rgb{}
}

func luminance(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is that of WCAG.
func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// distance is the difference of two colours in CIELAB.
func distance(a, b rgb) float64 {
	la, lb := lab(a), lab(b)
	return math.Sqrt((la[0]-lb[0])*(la[0]-lb[0]) + (la[1]-lb[1])*(la[1]-lb[1]) + (la[2]-lb[2])*(la[2]-lb[2]))
}

func lab(c rgb) [3]float64 {
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(luminance(c))
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// seenBy are the matrices of Machado, Oliveira and Fernandes (2009) for people who lack one kind of cones.
var seenBy = map[string][9]float64{
	"everybody":    {1, 0, 0, 0, 1, 0, 0, 0, 1},
	"protanopes":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deuteranopes": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopes":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

func seen(c rgb, m [9]float64) rgb {
	var out rgb
	for i := range out {
		out[i] = min(max(m[3*i]*c[0]+m[3*i+1]*c[1]+m[3*i+2]*c[2], 0), 1)
	}
	return out
}

// colour is what a pen draws with: the foreground, or the background behind it.
func colour(t *testing.T, p Pen, kind string) rgb {
	t.Helper()
	_, after, found := strings.Cut(p.On, kind+";5;")
	if !found {
		t.Fatalf("%q sets no colour", p.On)
	}
	var n int
	if _, err := fmt.Sscan(strings.NewReplacer(";", " ", "m", " ").Replace(after), &n); err != nil {
		t.Fatal(err)
	}
	return xterm(t, n)
}

// The sides are told apart, and read, by everybody on dark and on light terminals.
func TestSidesAreToldApartByEverybody(t *testing.T) {
	for name, page := range map[string]rgb{"dark": {0, 0, 0}, "light": {1, 1, 1}} {
		theme := New(Options{Name: name, Renderer: renderer(termenv.ANSI256)})
		for who, m := range seenBy {
			local, server := seen(colour(t, theme.Pen(Local, false), "38"), m), seen(colour(t, theme.Pen(Server, false), "38"), m)
			if d := distance(local, server); d < 70 {
				t.Errorf("%s: local and server are %.0f apart for %s", name, d, who)
			}
		}
		for _, role := range []Role{Local, Server, Base, Dim} {
			if c := contrast(colour(t, theme.Pen(role, false), "38"), page); c < 4.5 {
				t.Errorf("%s: role %d has a contrast of %.1f", name, role, c)
			}
			lit := theme.Pen(role, true)
			if c := contrast(colour(t, lit, "38"), colour(t, lit, "48")); c < 3 {
				t.Errorf("%s: role %d has a contrast of %.1f on the selected line", name, role, c)
			}
		}
	}
}
