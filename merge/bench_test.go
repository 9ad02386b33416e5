package merge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
)

func load(records int) []merge.Sides {
	var sides []merge.Sides
	for _, s := range fixtures.Standard(records).Triples() {
		sides = append(sides, s)
	}
	return sides
}

// BenchmarkMerge is one record of the standard load, canonical bytes in and out; BenchmarkMergeFloor does the same
// work by a scan written for these documents alone. The budget is 1.25 × the floor, at most one allocation into a fresh
// buffer and none into a given one.
func BenchmarkMerge(b *testing.B) {
	sides := load(1000)
	b.Run("given", func(b *testing.B) {
		var m merge.Merger
		buffer := make([]byte, 0, 4096)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m.Merge(buffer, sides[i%len(sides)], nil)
		}
	})
	b.Run("fresh", func(b *testing.B) {
		var m merge.Merger
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := sides[i%len(sides)]
			m.Merge(make([]byte, 0, len(s.Local)+len(s.Server)-len(s.Base)+256), s, nil)
		}
	})
	b.Run("listed", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			merge.Record(sides[i%len(sides)], nil)
		}
	})
}

func BenchmarkMergeFloor(b *testing.B) {
	sides := load(1000)
	buffer := make([]byte, 0, 4096)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := sides[i%len(sides)]
		floorMerge(buffer, s.Base, s.Local, s.Server)
	}
}

// floorMerge merges flat documents that have the same keys: it scans base, compares the others in lock step, and scans
// those only where they differ. It reports a conflict as false.
func floorMerge(dst, base, local, server []byte) ([]byte, bool) {
	clean := true
	dst = append(dst, '{')
	i, j, k := 1, 1, 1
	for {
		bi := floorMember(base, i)
		n := bi - i
		lj, sk := j+n, k+n
		localSame := lj < len(local) && string(local[j:lj]) == string(base[i:bi]) && (local[lj] == ',' || local[lj] == '}')
		serverSame := sk < len(server) && string(server[k:sk]) == string(base[i:bi]) && (server[sk] == ',' || server[sk] == '}')
		if !localSame {
			lj = floorMember(local, j)
		}
		if !serverSame {
			sk = floorMember(server, k)
		}
		if serverSame {
			dst = append(dst, local[j:lj]...)
		} else {
			clean = clean && (localSame || string(local[j:lj]) == string(server[k:sk]))
			dst = append(dst, server[k:sk]...)
		}
		if base[bi] == '}' {
			return append(dst, '}'), clean
		}
		dst = append(dst, ',')
		i, j, k = bi+1, lj+1, sk+1
	}
}

// floorMember returns the end of a member of a flat object.
func floorMember(text []byte, i int) int {
	quoted := false
	for ; ; i++ {
		switch text[i] {
		case '"':
			quoted = !quoted
		case '\\':
			i++
		case ',', '}':
			if !quoted {
				return i
			}
		}
	}
}

func TestFloorDoesTheSameWork(t *testing.T) {
	var m merge.Merger
	for _, s := range load(1000) {
		want, clean := floorMerge(nil, s.Base, s.Local, s.Server)
		got := m.Merge(nil, s, nil)
		if clean != (got.Outcome != merge.RecordConflict) || clean && !bytes.Equal(got.Document, want) {
			t.Fatalf("got %v %s\nwant %v %s", got.Outcome, got.Document, clean, want)
		}
	}
}

// BenchmarkWide is a record of 1 000 fields; BenchmarkWideDecode what the standard library takes to decode the three.
func BenchmarkWide(b *testing.B) {
	s := wide()
	var m merge.Merger
	buffer := make([]byte, 0, 1<<17)
	b.ReportAllocs()
	for b.Loop() {
		m.Merge(buffer, s, nil)
	}
}

func BenchmarkWideDecode(b *testing.B) {
	s := wide()
	for b.Loop() {
		for _, d := range []merge.Document{s.Base, s.Local, s.Server} {
			var v map[string]any
			if err := json.Unmarshal(d, &v); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func wide() merge.Sides {
	side := func(changed int) merge.Document {
		var text bytes.Buffer
		text.WriteByte('{')
		for i := range 1000 {
			if i > 0 {
				text.WriteByte(',')
			}
			value := fmt.Sprintf("the value of the field %d", i)
			if i%100 == changed {
				value += ", changed"
			}
			fmt.Fprintf(&text, `"field-%04d":%q`, i, value)
		}
		text.WriteByte('}')
		return document(text.String())
	}
	return merge.Sides{Base: side(-1), Local: side(3), Server: side(57)}
}
