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

// BenchmarkThreeWay merges records, canonical bytes in and out, conflicts included. Budgets: standard, into a fresh
// buffer, at most 1.25 × BenchmarkFloor/scan and one allocation, and none into a given buffer; wide, a record of 1 000
// fields, at most 30/1 000 of BenchmarkFloor/decode.
func BenchmarkThreeWay(b *testing.B) {
	standard := load(1000)
	b.Run("standard", func(b *testing.B) {
		var m merge.Merger
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := standard[i%len(standard)]
			m.Merge(fresh(s), s, nil)
		}
	})
	b.Run("given", func(b *testing.B) { benchmarkMerger(b, standard, nil) })
	b.Run("listed", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			merge.Record(standard[i%len(standard)], nil)
		}
	})
	for _, fields := range []int{10, 100, 1000, 10_000} {
		name := fmt.Sprintf("wide-%d", fields)
		if fields == 1000 {
			name = "wide"
		}
		b.Run(name, func(b *testing.B) { benchmarkMerger(b, []merge.Sides{wide(fields)}, nil) })
	}
	b.Run("nested", func(b *testing.B) { benchmarkMerger(b, []merge.Sides{nested()}, nil) })
	b.Run("text", func(b *testing.B) { benchmarkMerger(b, []merge.Sides{texts()}, policy(merge.Text)) })
	b.Run("set", func(b *testing.B) { benchmarkMerger(b, []merge.Sides{sets()}, policy(merge.Set)) })
}

func benchmarkMerger(b *testing.B, sides []merge.Sides, rules *merge.Rules) {
	var m merge.Merger
	buffer := make([]byte, 0, 1<<20)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Merge(buffer, sides[i%len(sides)], rules)
	}
}

func fresh(s merge.Sides) []byte {
	return make([]byte, 0, len(s.Local)+len(s.Server)-len(s.Base)+256)
}

func policy(p merge.Policy) *merge.Rules {
	return &merge.Rules{Root: &merge.Rule{Properties: map[string]*merge.Rule{"f": {Policy: p}}}}
}

// BenchmarkFloor is what the budgets are measured against: scan does the work of BenchmarkThreeWay/standard by a scan
// written for those documents alone, decode is what the standard library takes to decode the three of wide.
func BenchmarkFloor(b *testing.B) {
	sides := load(1000)
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := sides[i%len(sides)]
			floorMerge(fresh(s), s.Base, s.Local, s.Server)
		}
	})
	b.Run("decode", func(b *testing.B) {
		s := wide(1000)
		for b.Loop() {
			for _, d := range []merge.Document{s.Base, s.Local, s.Server} {
				var v map[string]any
				if err := json.Unmarshal(d, &v); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkCanonical makes one document of the standard load canonical that is so already, and one that is not.
func BenchmarkCanonical(b *testing.B) {
	text := load(1)[0].Base
	var loose bytes.Buffer
	if err := json.Indent(&loose, text, "", "  "); err != nil {
		b.Fatal(err)
	}
	for name, src := range map[string][]byte{"canonical": text, "indented": loose.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := merge.Canonical(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReplay is one operation of a log of 100 on a record that moved.
func BenchmarkReplay(b *testing.B) {
	const n = 100
	base := document(`{"counter":0,"status":"open","tags":[]}`)
	var ops []merge.Operation
	for i := range n {
		ops = append(ops, merge.Operation{ID: fmt.Sprint(i), Verb: merge.IncrementField, Path: "/counter", Value: "1"})
	}
	local, err := merge.Perform(base, ops)
	if err != nil {
		b.Fatal(err)
	}
	s := merge.Sides{Base: base, Local: local, Server: document(`{"counter":7,"status":"won","tags":["x"]}`)}
	b.ReportAllocs()
	for b.Loop() {
		merge.Replay(s, ops, nil, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/operation")
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

// wide is a record with that many fields, one in a hundred changed on each side.
func wide(fields int) merge.Sides {
	side := func(changed int) merge.Document {
		var text bytes.Buffer
		text.WriteByte('{')
		for i := range fields {
			if i > 0 {
				text.WriteByte(',')
			}
			value := fmt.Sprintf("the value of the field %d", i)
			if i%100 == changed {
				value += ", changed"
			}
			fmt.Fprintf(&text, `"field-%05d":%q`, i, value)
		}
		text.WriteByte('}')
		return document(text.String())
	}
	return merge.Sides{Base: side(-1), Local: side(3), Server: side(7)}
}

// nested is a record of objects in objects, ten levels deep.
func nested() merge.Sides {
	side := func(leaf string) merge.Document {
		text := leaf
		for level := range 10 {
			text = fmt.Sprintf(`{"a%d":"the same","inner":%s,"z%d":%d}`, level, text, level, level)
		}
		return document(text)
	}
	return merge.Sides{Base: side(`{"l":1,"s":1}`), Local: side(`{"l":2,"s":1}`), Server: side(`{"l":1,"s":2}`)}
}

// texts is a record with a text of a hundred lines, some edited on each side.
func texts() merge.Sides {
	side := func(changed int) merge.Document {
		var text bytes.Buffer
		for line := range 100 {
			fmt.Fprintf(&text, "this is the line %d of a report", line)
			if line%20 == changed {
				text.WriteString(", edited")
			}
			text.WriteByte('\n')
		}
		value, _ := merge.StringValue(text.String())
		return document(`{"f":` + string(value) + `}`)
	}
	return merge.Sides{Base: side(-1), Local: side(3), Server: side(11)}
}

// sets is a record with a set of a hundred tags, some added and removed on each side.
func sets() merge.Sides {
	side := func(from, to int) merge.Document {
		var tags []string
		for i := from; i < to; i++ {
			tags = append(tags, fmt.Sprintf("tag-%d", i))
		}
		text, _ := json.Marshal(map[string]any{"f": tags})
		return document(string(text))
	}
	return merge.Sides{Base: side(5, 95), Local: side(5, 100), Server: side(0, 90)}
}
