package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"dovetail/tui/safe"
)

// writeObject writes v as one line of JSON.
func (a *app) writeObject(v any) error {
	line, err := jsonLine(v)
	if err != nil {
		return err
	}
	return a.writeJSON(line)
}

// writeJSON writes one line of JSON that may hold anything a record holds.
func (a *app) writeJSON(line []byte) error {
	_, err := a.out.Write(append(armoured(line), '\n'))
	return err
}

// jsonLine encodes v without a line end, and without HTML's escapes: they would change what people read.
func jsonLine(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// armoured returns the same JSON with every character that could act on a terminal as an escape. Such characters
// stand in strings only, so the text means what it meant.
func armoured(line []byte) []byte {
	if !bytes.ContainsFunc(line, actsOnTerminal) {
		return line
	}
	var out bytes.Buffer
	for _, r := range string(line) {
		switch {
		case !actsOnTerminal(r):
			out.WriteRune(r)
		case r > 0xFFFF:
			high, low := surrogates(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

func surrogates(r rune) (high, low rune) {
	r -= 0x10000
	return 0xD800 + r>>10, 0xDC00 + r&0x3FF
}

func actsOnTerminal(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// maxTalk bounds a line of talk in bytes: it may quote a path or a value of any length.
const maxTalk = 1000

// printable makes our own text, which may quote foreign text, safe for one line of a terminal.
func printable(s string) string {
	var out strings.Builder
	for i, r := range s {
		if out.Len() > maxTalk {
			return out.String() + "…"
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case actsOnTerminal(r):
			fmt.Fprintf(&out, `\u{%x}`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// buffered runs fn with the output collected into large writes.
func (a *app) buffered(fn func() error) error {
	out := a.out
	w := bufio.NewWriterSize(out, 1<<16)
	a.out = w
	defer func() { a.out = out }()
	err := fn()
	if e := w.Flush(); err == nil {
		err = e
	}
	return err
}

// say writes one line of talk, which is no data.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.errw, printable(fmt.Sprintf(format, args...)))
}

// print writes one line of data for people. Text from a record must come as safe.Cell.
func (a *app) print(format string, args ...any) {
	fmt.Fprintf(a.out, format+"\n", args...)
}

// row is one line of a table.
type row []safe.Cell

// printTable writes rows with their columns aligned.
func (a *app) printTable(rows []row) {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], c.Width())
		}
	}
	var line strings.Builder
	for _, r := range rows {
		line.Reset()
		for i, c := range r {
			line.WriteString(string(c))
			if i < len(r)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-c.Width()+2))
			}
		}
		fmt.Fprintln(a.out, strings.TrimRight(line.String(), " "))
	}
}

// isTerminal reports whether a stream is one a person looks at or types on.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored reports whether what goes to w may carry colours.
func (a *app) colored(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	return isTerminal(w) && obeysColors(w)
}
