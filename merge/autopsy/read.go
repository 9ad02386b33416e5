package autopsy

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"dovetail/merge"
)

// maxLine bounds a line in bytes.
const maxLine = 16 << 20

// ErrArray says that a log is one JSON array. ErrNames says that a line, or the first of CSV, has no name that is known for
// something that is needed; ErrGiven, that a name of [Names.Given] is nowhere.
var (
	ErrArray = errors.New("a JSON array, where a line for each edit is wanted")
	ErrNames = errors.New("no name that is known")
	ErrGiven = errors.New("a name that the log does not have")
)

// LineError says what is wrong with a line of a log.
type LineError struct {
	Line int64 // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Read calls fn with the edit of each line of a log, in JSON lines, or in CSV with names in its first line: it is JSON where
// it begins with {. Bad is given each line that cannot be read, as it stands there; nil, or an error of it, ends the reading
// with that: a *[LineError] without one.
func Read(r io.Reader, names Names, bad func(text []byte, err *LineError) error, fn func(Edit) error) error {
	bound := &bounded{in: r, left: maxLine}
	in := bufio.NewReaderSize(bound, 1<<16)
	if bad == nil {
		bad = func(_ []byte, err *LineError) error { return err }
	}
	first, err := begin(in)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case first == '[':
		return &LineError{Line: 1, Err: ErrArray}
	case first == '{':
		bound.left = math.MaxInt // lines are bounded below
		return readJSON(in, names, bad, fn)
	}
	return readCSV(in, bound, names, bad, fn)
}

// bounded ends a line of CSV that does not end by itself, as after a quotation mark that nobody closed.
type bounded struct {
	in   io.Reader
	left int
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.in.Read(p)
	b.left -= n
	return n, err
}

// begin passes over a byte order mark, and looks at what comes after white space.
func begin(in *bufio.Reader) (byte, error) {
	if mark, err := in.Peek(3); err == nil && string(mark) == "\uFEFF" {
		if _, err := in.Discard(3); err != nil {
			return 0, err
		}
	}
	for n := 1; ; n++ {
		ahead, err := in.Peek(n)
		if err != nil {
			return 0, err
		}
		if c := ahead[n-1]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, nil
		}
		if n == in.Size() {
			return 0, &LineError{Line: 1, Err: errors.New("nothing but white space")}
		}
	}
}

func readJSON(in *bufio.Reader, names Names, bad func([]byte, *LineError) error, fn func(Edit) error) error {
	missing := slices.DeleteFunc(slices.Clone(names.Given), func(name string) bool {
		return slices.Contains(names.Fields, name) // not every line has every field
	})
	read := false
	for line := int64(1); ; line++ {
		text, err := nextLine(in)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTooLong) {
			return err
		}
		last := errors.Is(err, io.EOF)
		if len(bytes.TrimSpace(text)) > 0 {
			m, wrong := membersOf(text, err)
			var e Edit
			if wrong == nil {
				read = true
				missing = slices.DeleteFunc(missing, func(name string) bool { return m.has([]string{name}) })
				e, wrong = names.edit(m)
			}
			if wrong != nil {
				if err := bad(text, &LineError{Line: line, Err: wrong}); err != nil {
					return err
				}
			} else if err := call(fn, e, line); err != nil {
				return err
			}
		}
		if last && read && len(missing) > 0 {
			return &LineError{Line: line, Err: fmt.Errorf("%w: %q is on no line up to here", ErrGiven, missing[0])}
		}
		if last {
			return nil
		}
	}
}

func call(fn func(Edit) error, e Edit, line int64) error {
	e.Line = line
	return fn(e)
}

var errTooLong = fmt.Errorf("longer than %d bytes", maxLine)

// nextLine reads a line; of one that is too long its beginning.
func nextLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			part, long = part[:min(len(part), maxLine-len(line))], true
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil && long:
			return line, errTooLong
		default:
			return line, err
		}
	}
}

func membersOf(text []byte, err error) (members, error) {
	m := members{}
	if errors.Is(err, errTooLong) {
		return m, err
	}
	doc, err := merge.Canonical(text)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(doc, &m.of)
}

func readCSV(in *bufio.Reader, bound *bounded, names Names, bad func([]byte, *LineError) error, fn func(Edit) error) error {
	r := csv.NewReader(in)
	r.Comma = separator(in)
	r.ReuseRecord = true
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return &LineError{Line: 1, Err: plainCSV(err)}
	}
	columns := append([]string(nil), head...)
	last := int64(1)
	known := members{of: map[string]merge.Value{}}
	for _, c := range columns {
		known.of[c] = `""`
	}
	for _, name := range names.Given {
		if !known.has([]string{name}) {
			return &LineError{Line: 1, Err: fmt.Errorf("%w: %q; it has %q", ErrGiven, name, columns)}
		}
	}
	if !known.has(names.Record) || !known.has(names.Field) && !known.has(names.Fields) {
		return &LineError{Line: 1, Err: fmt.Errorf("%w for a record and its fields, but %q", ErrNames, columns)}
	}
	for {
		bound.left = maxLine
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		at := 0
		switch {
		case err == nil:
			at, _ = r.FieldPos(0)
		case errors.As(err, &wrong):
			at = wrong.StartLine
		case errors.Is(err, errTooLong):
			return &LineError{Line: last + 1, Err: err} // where the next one begins, nobody knows
		default:
			return err
		}
		last = int64(at)
		e, err := editOfRow(columns, row, names, err)
		if err != nil {
			if err := bad(rowText(row, r.Comma), &LineError{Line: int64(at), Err: err}); err != nil {
				return err
			}
		} else if err := call(fn, e, int64(at)); err != nil {
			return err
		}
	}
}

// separator is what stands between the names of the first line: a comma, or what spreadsheets put for it.
func separator(in *bufio.Reader) rune {
	ahead, _ := in.Peek(in.Size())
	line, _, _ := bytes.Cut(ahead, []byte("\n"))
	for _, c := range []rune{',', ';', '\t'} {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func editOfRow(columns, row []string, names Names, err error) (Edit, error) {
	if err != nil {
		return Edit{}, plainCSV(err)
	}
	if len(row) != len(columns) {
		return Edit{}, fmt.Errorf("%d values, where there are %d names", len(row), len(columns))
	}
	m := members{of: make(map[string]merge.Value, len(row)), csv: true}
	for i, text := range row {
		v, ok := merge.StringValue(text)
		if !ok {
			return Edit{}, fmt.Errorf("%s is not valid UTF-8", columns[i])
		}
		m.of[columns[i]] = v
	}
	return names.edit(m)
}

// plainCSV leaves out of an error where it is: that is said already.
func plainCSV(err error) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return wrong.Err
	}
	return err
}

// rowText writes a row again.
func rowText(row []string, comma rune) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = comma
	if err := w.Write(row); err == nil {
		w.Flush()
	}
	return out.Bytes()
}
