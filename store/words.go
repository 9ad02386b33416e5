package store

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"dovetail/merge"
)

// pieceLength is how many bytes the longest pieces have that names are taken apart into.
const pieceLength = 3

// namePieces takes a name apart into all that stands in it and is no longer than a piece, as words of hexadecimal
// digits: SQLite's own way to do so knows neither pieces of one and two bytes nor that only ASCII letters are the same in
// either case.
func namePieces(key merge.Key) string {
	name := lowerASCII(key.String())
	var words []byte
	for i := range len(name) {
		for n := 1; n <= min(pieceLength, len(name)-i); n++ {
			words = append(hex.AppendEncode(words, []byte(name[i:i+n])), ' ')
		}
	}
	return string(words)
}

// The index of names numbers a conflict by the second in which it was opened, of 2^20 microseconds, and then by itself.
const (
	secondBits = 20
	numberBits = 30
	lastNumber = 1<<numberBits - 1
	lastSecond = 1<<(63-numberBits) - 1
)

// second is the one in which a conflict was opened. Those that are centuries away share the first or the last.
func (p place) second() int64 { return max(-lastSecond-1, min(lastSecond, p.openedAt>>secondBits)) }

// listed is the number that the index of names has for a conflict. It is in the order of the queue but for the seconds
// in dovetail_conflict_disorder.
func (p place) listed() int64 { return p.second()<<numberBits + min(p.id, lastNumber) }

// name is a record's name that came into the queue. A conflict keeps record and place.
type name struct {
	place place
	key   merge.Key
}

// flushNames lists the names that a transaction brought into the queue, for those who look for a word in them. It is done
// at the end: what the index of names was given is written at the next statement that can be undone by itself.
func (t *tx) flushNames() error {
	for _, n := range t.names {
		if n.place.id > lastNumber {
			return fmt.Errorf("list name: the queue has room for %d conflicts", lastNumber)
		}
		if _, err := t.run(`INSERT INTO dovetail_conflict_word (rowid, pieces) VALUES ($1, $2)`,
			n.place.listed(), namePieces(n.key)); err != nil {
			return wrap("list name", err)
		}
	}
	return nil
}

// express says what the index of names is asked for the words of a filter. All conflicts that hold one of them are among
// the answers, and where a word is longer than a piece some that do not.
func (p *pager) express() (string, error) {
	if p.expression != "" {
		return p.expression, nil
	}
	var names []string
	var any []string
	for _, word := range p.words {
		if names == nil && len(word) > pieceLength {
			var err error
			if names, err = p.someNames(); err != nil {
				return "", err
			}
		}
		var all []string
		for _, piece := range rarest(word, names) {
			all = append(all, hex.EncodeToString([]byte(piece)))
		}
		any = append(any, "("+strings.Join(all, " AND ")+")")
	}
	p.expression = strings.Join(any, " OR ")
	return p.expression, nil
}

// lookedAt is how many names tell how common the pieces of a word are.
const lookedAt = 128

// someNames returns names from all over the queue. They are kept until it has grown by a quarter: a name does not change, and
// to read them takes as long as to look for one of them.
func (p *pager) someNames() ([]string, error) {
	var last int64
	q := &query{}
	q.add("SELECT max(id)\nFROM dovetail_conflict")
	if err := p.glance.rows(func(row *cells) error {
		last = row.integer(0)
		return nil
	}, q); err != nil {
		return nil, err
	}
	if kept := p.glance.store.someNames.Load(); kept != nil && last >= kept.last && last <= kept.last+kept.last/4 {
		return kept.names, nil
	}
	names, err := p.readNames(last)
	if err == nil {
		p.glance.store.someNames.Store(&nameSample{last, names})
	}
	return names, err
}

// nameSample are names of conflicts up to the last one.
type nameSample struct {
	last  int64
	names []string
}

// readNames reads names of conflicts taken as if at random: names often count on.
func (p *pager) readNames(last int64) ([]string, error) {
	random := rand.New(rand.NewPCG(uint64(last), lookedAt))
	numbers := make([]int64, lookedAt)
	for i := range numbers {
		numbers[i] = 1 + random.Int64N(max(1, last))
	}
	list, err := encode(numbers)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, lookedAt)
	q := &query{}
	q.add("SELECT lower(c.collection || '/' || c.name)\nFROM json_each(", q.arg(list),
		") n CROSS JOIN dovetail_conflict c ON c.id = n.value")
	err = p.glance.rows(func(row *cells) error {
		names = append(names, row.text(0))
		return nil
	}, q)
	return names, err
}

// Of the triedPieces that a word begins with, the index is asked for usedPieces at most. A piece that is one of several
// may stand in commonNames of some names: to go past the answers for one that is more common takes time, and leaves little
// out.
const (
	triedPieces = 64
	usedPieces  = 4
	commonNames = lookedAt / 24
)

// rarest picks the pieces of a word that leave the least to look at, by how many of some names they stand in.
func rarest(word string, names []string) []string {
	if len(word) <= pieceLength {
		return []string{word}
	}
	in := map[string]int{}
	var pieces []string
	for i := range min(triedPieces, len(word)-pieceLength+1) {
		piece := word[i : i+pieceLength]
		if _, known := in[piece]; known {
			continue
		}
		in[piece] = 0
		for _, name := range names {
			if strings.Contains(name, piece) {
				in[piece]++
			}
		}
		pieces = append(pieces, piece)
	}
	slices.SortStableFunc(pieces, func(a, b string) int { return cmp.Compare(in[a], in[b]) })
	used := 1
	for used < min(len(pieces), usedPieces) && in[pieces[used]] <= commonNames {
		used++
	}
	return pieces[:used]
}
