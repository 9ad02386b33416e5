package picture

import (
	"fmt"
	"strconv"
	"strings"
)

// pen is how text looks. The zero pen draws ink on paper.
type pen struct {
	front, back                       string // colours; empty: ink, and none
	bold, dim, italic                 bool
	underline, strike, reverse, hides bool
}

// nextSequence cuts the escape sequence off that a text begins with. The parameters are those of SGR; nil for any other.
func nextSequence(s string) (sequence string, parameters []string) {
	if len(s) < 2 || s[1] != '[' {
		if len(s) > 1 && s[1] == ']' {
			return s[:endOfCommand(s)], nil
		}
		return s[:min(len(s), 2)], nil
	}
	for i := 2; i < len(s); i++ {
		if c := s[i]; c >= 0x40 && c <= 0x7E {
			if c == 'm' {
				parameters = strings.FieldsFunc(s[2:i], func(r rune) bool { return r == ';' || r == ':' })
				if len(parameters) == 0 {
					parameters = []string{"0"}
				}
			}
			return s[:i+1], parameters
		}
	}
	return s, nil
}

// endOfCommand is where a command of the operating system ends: with BEL, or ESC and a backslash.
func endOfCommand(s string) int {
	for i := 2; i < len(s); i++ {
		if s[i] == '\a' {
			return i + 1
		}
		if s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\' {
			return i + 2
		}
	}
	return len(s)
}

// with is the pen after an SGR sequence. What it does not know changes nothing.
func (p pen) with(parameters []string) pen {
	for i := 0; i < len(parameters); i++ {
		n, err := strconv.Atoi(parameters[i])
		if err != nil {
			continue
		}
		if n == 38 || n == 48 {
			color, used := extended(parameters[i+1:])
			i += used
			if n == 38 {
				p.front = color
			} else {
				p.back = color
			}
			continue
		}
		p = p.set(n)
	}
	return p
}

func (p pen) set(n int) pen {
	switch {
	case n == 0:
		return pen{}
	case n == 1:
		p.bold = true
	case n == 2:
		p.dim = true
	case n == 3:
		p.italic = true
	case n == 4:
		p.underline = true
	case n == 7:
		p.reverse = true
	case n == 8:
		p.hides = true
	case n == 9:
		p.strike = true
	case n == 22:
		p.bold, p.dim = false, false
	case n == 23:
		p.italic = false
	case n == 24:
		p.underline = false
	case n == 27:
		p.reverse = false
	case n == 28:
		p.hides = false
	case n == 29:
		p.strike = false
	case n >= 30 && n <= 37:
		p.front = indexed(n - 30)
	case n == 39:
		p.front = ""
	case n >= 40 && n <= 47:
		p.back = indexed(n - 40)
	case n == 49:
		p.back = ""
	case n >= 90 && n <= 97:
		p.front = indexed(n - 90 + 8)
	case n >= 100 && n <= 107:
		p.back = indexed(n - 100 + 8)
	}
	return p
}

// extended reads a colour of 256, or of red, green and blue, and how many parameters it took.
func extended(parameters []string) (color string, used int) {
	numbers := make([]int, 0, 4)
	for _, one := range parameters[:min(len(parameters), 4)] {
		n, err := strconv.Atoi(one)
		if err != nil || n < 0 || n > 255 {
			break
		}
		numbers = append(numbers, n)
	}
	switch {
	case len(numbers) >= 2 && numbers[0] == 5:
		return indexed(numbers[1]), 2
	case len(numbers) == 4 && numbers[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", numbers[1], numbers[2], numbers[3]), 4
	}
	return "", len(numbers)
}

// basic are the first 16 colours, as a dark terminal has them.
var basic = [16]string{"#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d0d0d0",
	"#5c6370", "#ef8a92", "#b5dd98", "#f0d399", "#84c1f5", "#d89ae8", "#7fccd6", "#ffffff"}

// indexed is a colour of the 256.
func indexed(n int) string {
	if n < len(basic) {
		return basic[n]
	}
	if n >= 232 {
		gray := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", gray, gray, gray)
	}
	n -= len(basic)
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}

// colors are those of the text, and behind it; empty: the paper.
func (p pen) colors() (front, back string) {
	front, back = p.front, p.back
	if front == "" {
		front = ink
	}
	if p.reverse {
		if back == "" {
			back = paper
		}
		front, back = back, front
	}
	if p.hides {
		front = back
		if front == "" {
			front = paper
		}
	}
	return front, back
}

// attributes are those of a text element.
func (p pen) attributes() string {
	var out strings.Builder
	if p.bold {
		out.WriteString(` font-weight="bold"`)
	}
	if p.italic {
		out.WriteString(` font-style="italic"`)
	}
	if p.dim {
		out.WriteString(` opacity="0.65"`)
	}
	switch {
	case p.underline && p.strike:
		out.WriteString(` text-decoration="underline line-through"`)
	case p.underline:
		out.WriteString(` text-decoration="underline"`)
	case p.strike:
		out.WriteString(` text-decoration="line-through"`)
	}
	return out.String()
}
