package main

import (
	"bufio"
	"io"
	"os"
	"strings"
)

// byteOrderMark is what programs on Windows may begin a text in UTF-8 with.
const byteOrderMark = "\uFEFF"

// errUTF16 refuses a text as `>` of an older PowerShell writes it.
var errUTF16 = hint(misuse("the text is UTF-16, not UTF-8"), "in PowerShell, `… | Out-File -Encoding utf8 FILE` writes UTF-8; with -o, dovetail writes the file")

// withoutMark is a text after its byte order mark. errUTF16, there or at the first read, says that it has one of UTF-16.
// A file stays one: it can be read again, and says how long it is.
func withoutMark(in io.Reader) (io.Reader, error) {
	f, ok := in.(*os.File)
	if !ok {
		return &unmarked{in: bufio.NewReader(in)}, nil
	}
	start, err := f.Seek(0, io.SeekCurrent)
	if err != nil { // a pipe
		return &unmarked{in: bufio.NewReader(in)}, nil
	}
	first := make([]byte, len(byteOrderMark))
	n, _ := f.ReadAt(first, start) // an error comes again
	length, err := markLength(first[:n])
	if err != nil || length == 0 {
		return f, err
	}
	_, err = f.Seek(start+int64(length), io.SeekStart)
	return f, err
}

func readUnmarked(in io.Reader) ([]byte, error) {
	text, err := withoutMark(in)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(text)
}

// unmarked passes over a mark at its first read.
type unmarked struct {
	in    *bufio.Reader
	begun bool
}

// Read implements [io.Reader].
func (u *unmarked) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		first, _ := u.in.Peek(len(byteOrderMark)) // an error comes again
		length, err := markLength(first)
		if err != nil {
			return 0, err
		}
		if _, err := u.in.Discard(length); err != nil {
			return 0, err
		}
	}
	return u.in.Read(p)
}

// markLength is how many bytes of a text's beginning are a byte order mark; errUTF16.
func markLength(first []byte) (int, error) {
	switch text := string(first); {
	case strings.HasPrefix(text, byteOrderMark):
		return len(byteOrderMark), nil
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return 0, errUTF16
	}
	return 0, nil
}
