package faultfs

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Style is what becomes of the writes that were not synced when the power went.
type Style uint8

const (
	Nothing Style = iota // all are lost, and so is each new name
	Prefix               // of each file the first ones are kept, up to some point
	Subset               // some are kept, whichever
	Torn                 // of each write some sectors of 512 bytes are kept, whichever
	// All are kept, as where a process is killed and the machine goes on.
	All
)

// Losses are the styles of a power cut.
var Losses = []Style{Nothing, Prefix, Subset, Torn}

var styleNames = [...]string{"nothing", "prefix", "subset", "torn", "all"}

// String returns one word.
func (s Style) String() string { return styleNames[s] }

// sector is what a disk writes whole.
const sector = 512

// Leave writes what is left of the files into another directory, one that is there. Equal draws of random leave the
// same.
func (d *Disk) Leave(to string, style Style, random *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.lost
	if !d.off {
		err = d.look()
	}
	if err != nil {
		return fmt.Errorf("look into %q: %w", d.dir, err)
	}
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[path]
		if path == d.doomed && style.keeps(random) || !f.named && !style.keeps(random) {
			continue
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), f.left(style, random), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// keeps decides of one thing that was not safe yet.
func (s Style) keeps(random *rand.Rand) bool {
	return s == All || s != Nothing && random.IntN(2) == 0
}

// left is what is left of a file.
func (f *file) left(style Style, random *rand.Rand) []byte {
	content := bytes.Clone(f.durable)
	pending := f.pending
	if style == Prefix {
		pending = pending[:random.IntN(len(pending)+1)]
	}
	for _, c := range pending {
		switch {
		case style == All || style == Prefix:
			content = c.on(content)
		case style == Torn && !c.truncate:
			for _, part := range c.sectors() {
				if style.keeps(random) {
					content = part.on(content)
				}
			}
		case style.keeps(random):
			content = c.on(content)
		}
	}
	return content
}

// sectors splits a write where the disk does.
func (c change) sectors() []change {
	var parts []change
	at, data := c.at, c.data
	for len(data) > 0 {
		n := min(int64(len(data)), sector-at%sector)
		parts = append(parts, change{at: at, data: data[:n]})
		at, data = at+n, data[n:]
	}
	return parts
}
