package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"dovetail/merge"
)

// threeFiles are the sides of one record as files hold them: base, local, server.
type threeFiles struct {
	paths [3]string
	texts [3][]byte
	times [3]time.Time
	sides merge.Sides
}

// readThree reads the files as they are; parse makes documents of them.
func readThree(paths []string) (threeFiles, error) {
	var t threeFiles
	for i, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return t, misuseError{err}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return t, misuseError{err}
		}
		t.paths[i], t.texts[i], t.times[i] = path, text, info.ModTime()
	}
	return t, nil
}

// parse makes the sides of the texts; the error names the file.
func (t *threeFiles) parse() error {
	for i, into := range []*merge.Document{&t.sides.Base, &t.sides.Local, &t.sides.Server} {
		if absentText(t.texts[i]) {
			continue
		}
		doc, err := merge.Canonical(t.texts[i])
		if err != nil {
			return misuseError{fmt.Errorf("%s: %w", t.paths[i], err)}
		}
		*into = doc
	}
	return nil
}

// absentText reports whether a text says that there is no record.
func absentText(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) == 0 || string(text) == string(merge.Null)
}

// layout is the text whose order of keys and indentation a result keeps: local's, and where there is none, the next
// best.
func (t *threeFiles) layout() []byte {
	for _, i := range []int{1, 2, 0} {
		if !absentText(t.texts[i]) {
			return t.texts[i]
		}
	}
	return nil
}

// settled is a document as a file holds it, laid out like local's. A deletion is null.
func (t *threeFiles) settled(d merge.Document, rules *merge.Rules) []byte {
	if d == nil {
		return []byte(merge.Null + "\n")
	}
	return t.ended(merge.Layout(t.layout(), d, nil, rules))
}

// marked is the merge with git's markers around what is in conflict.
func (t *threeFiles) marked(r merge.Result) []byte { return t.ended(r.Layout(t.layout())) }

// ended gives a text a line end where no file says that it has none.
func (t *threeFiles) ended(text []byte) []byte {
	if t.layout() == nil {
		return append(text, '\n')
	}
	return text
}

// byText merges what is no record at all by whole texts, and reports whether that left a conflict. Nobody may take
// what comes of it for finished: it has git's markers around all of it.
func (t *threeFiles) byText() (text []byte, conflict bool) {
	base, local, server := t.texts[0], t.texts[1], t.texts[2]
	switch {
	case bytes.Equal(local, server), bytes.Equal(base, server):
		return local, false
	case bytes.Equal(base, local):
		return server, false
	}
	var out bytes.Buffer
	for _, part := range []struct {
		marker string
		text   []byte
	}{{"<<<<<<< local\n", local}, {"=======\n", server}} {
		out.WriteString(part.marker)
		out.Write(part.text)
		if len(part.text) > 0 && !bytes.HasSuffix(part.text, []byte("\n")) {
			out.WriteByte('\n')
		}
	}
	out.WriteString(">>>>>>> server\n")
	return out.Bytes(), true
}
