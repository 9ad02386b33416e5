package faultfs

import (
	"bytes"
	"slices"
	"strings"
)

// file is what is known of one file.
type file struct {
	named bool // a power cut leaves its name
	// heads is for a log or a journal that SQLite made: its first sync is one of the directory too.
	heads   bool
	handles int
	durable []byte   // as it was at its last sync
	pending []change // since then, in order
}

// change is one write, or a truncation to at.
type change struct {
	at       int64
	data     []byte
	truncate bool
}

// on does the change to the content of a file, which may be changed in place.
func (c change) on(content []byte) []byte {
	if c.truncate {
		return resized(content, c.at)
	}
	if end := c.at + int64(len(c.data)); end > int64(len(content)) {
		content = resized(content, end)
	}
	copy(content[c.at:], c.data)
	return content
}

// resized cuts content off, or fills it up with zeros.
func resized(content []byte, size int64) []byte {
	had := int64(len(content))
	if size <= had {
		return content[:size]
	}
	content = slices.Grow(content, int(size-had))[:size]
	clear(content[had:])
	return content
}

// settle makes all that was written durable.
func (f *file) settle() {
	for _, c := range f.pending {
		f.durable = c.on(f.durable)
	}
	f.pending = nil
}

// now is what the file holds for whoever reads it.
func (f *file) now() []byte {
	content := bytes.Clone(f.durable)
	for _, c := range f.pending {
		content = c.on(content)
	}
	return content
}

func (f *file) holds(content []byte) bool { return bytes.Equal(f.now(), content) }

// isIndex reports whether a file is the index of a log, which is made anew after a power cut.
func isIndex(path string) bool { return strings.HasSuffix(path, "-shm") }
