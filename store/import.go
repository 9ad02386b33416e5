package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"

	"dovetail/merge"
)

// ImportOptions change how an import treats its input.
type ImportOptions struct {
	SkipBad  io.Writer                         // takes the lines that cannot be read, as they are; nil: one of them refuses all
	Progress func(doneBytes, totalBytes int64) // nil: nobody asks
}

// chunkLines and chunkBytes bound one transaction of an import.
const (
	chunkLines = 1000
	chunkBytes = 8 << 20
)

// Import takes in lines, records and changes mixed, and calls answer for every change, in order, once it is safely
// stored; also for a record that was refused, because it contradicts what is known. The input is read twice: a line
// that cannot be read is a *[LineError], and nothing of the input is taken in, unless they are to be skipped. What is
// added to the input after the first time is left alone; where it was changed otherwise, the import ends with
// [ErrChanged] and may have taken a part of it in. Where ctx ends while from waits for more, that read is not waited for.
//
// The same input again has no effect and gets the same answers; one that was broken off goes on where it was. [ErrReplica]
// where the database is one.
func (s *Store) Import(ctx context.Context, from io.Reader, opts ImportOptions, answer func(Answer) error) (Tally, error) {
	if err := s.onHub(); err != nil {
		return Tally{}, wrap("import", err)
	}
	in, err := newInput(ctx, from)
	if err != nil {
		return Tally{}, wrap("import", err)
	}
	defer in.close()
	sum, err := in.check(ctx, opts.SkipBad == nil)
	if err != nil {
		return Tally{}, err
	}
	run := &importing{store: s, input: in, opts: opts, answer: answer, exchange: exchange{kind: "import", source: sum},
		apart: map[merge.Key]bool{}}
	err = run.all(ctx)
	return run.total, err
}

// input is what is imported, where it can be read twice.
type input struct {
	file  io.ReaderAt
	start int64
	size  int64
	spool *os.File // a copy of our own; nil where the input can be read again itself
}

// seekable is an input that can be read twice itself.
type seekable interface {
	io.Seeker
	io.ReaderAt
}

// newInput copies the input to a file that only its owner can read, if it can be read once only.
func newInput(ctx context.Context, from io.Reader) (*input, error) {
	in := &input{}
	if file, ok := from.(seekable); ok {
		start, err := file.Seek(0, io.SeekCurrent)
		if err == nil {
			var end int64
			if end, err = file.Seek(0, io.SeekEnd); err != nil {
				return nil, err
			}
			if end > start {
				in.file, in.start, in.size = file, start, end-start
				return in, nil
			}
			// Some files that are not empty say that they are.
			if _, err = file.Seek(start, io.SeekStart); err != nil {
				return nil, err
			}
		}
	}
	spool, err := os.CreateTemp("", "dovetail-import-*")
	if err != nil {
		return nil, err
	}
	in.file, in.spool = spool, spool
	if in.size, err = copyUntil(ctx, spool, from); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

// copyUntil copies until ctx ends. A pipe may be silent for ever, so a read that waits then is left to itself; whoever
// calls closes what is written to.
func copyUntil(ctx context.Context, to io.Writer, from io.Reader) (int64, error) {
	type result struct {
		n   int64
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := io.Copy(to, from)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (in *input) close() error {
	if in.spool == nil {
		return nil
	}
	return errors.Join(in.spool.Close(), os.Remove(in.spool.Name()))
}

// lines returns the input from its start, line by line.
func (in *input) lines() *lineReader {
	all := io.NewSectionReader(in.file, in.start, in.size)
	return &lineReader{from: bufio.NewReaderSize(all, 1<<16), sum: sha256.New()}
}

// check reads the input once and returns its hash. Where no line may be bad, it finds the first that is.
func (in *input) check(ctx context.Context, strict bool) ([]byte, error) {
	lines := in.lines()
	var err error
	if !strict {
		for err == nil {
			_, err = lines.next()
		}
	} else {
		err = eachParsed(ctx, lines, func(p parsed) error { return p.err })
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	return lines.sum.Sum(nil), nil
}

// lineReader reads lines of any length, but keeps no more of one than a line may have.
type lineReader struct {
	from   *bufio.Reader
	sum    hash.Hash
	number int
	start  int64 // of the last line, in bytes
	read   int64 // bytes
}

// next returns the next line without its end, in memory of its own, empty lines left out; [io.EOF] at the end.
func (r *lineReader) next() ([]byte, error) {
	for {
		line, err := r.one()
		if len(bytes.TrimSpace(line)) > 0 {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (r *lineReader) one() ([]byte, error) {
	var line []byte
	r.number++
	r.start = r.read
	for {
		part, err := r.from.ReadSlice('\n')
		r.sum.Write(part)
		r.read += int64(len(part))
		if len(line) <= maxLine {
			line = append(line, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}

// importing is one import on its way.
type importing struct {
	store    *Store
	input    *input
	opts     ImportOptions
	answer   func(Answer) error
	exchange exchange
	apart    map[merge.Key]bool // records of which a line contradicted what is known
	total    Tally

	chunk []parsed
	bytes int
	bad   int64
}

func (m *importing) all(ctx context.Context) error {
	lines := m.input.lines()
	if err := eachParsed(ctx, lines, func(p parsed) error { return m.add(ctx, p) }); err != nil {
		return err
	}
	if !bytes.Equal(lines.sum.Sum(nil), m.exchange.source) {
		return wrap("import", ErrChanged)
	}
	m.exchange.finished = true
	return m.flush(ctx)
}

// known finds out how much of the same input another import has taken in, be it long ago or just now.
func (t *tx) known(source []byte) (int64, error) {
	var lines int64
	_, err := t.row([]any{&lines}, `SELECT coalesce(max(lines), 0) FROM dovetail_exchange WHERE source = $1`, source)
	return lines, wrap("find earlier import", err)
}

// add takes a line into the chunk.
func (m *importing) add(ctx context.Context, p parsed) error {
	var bad *LineError
	if errors.As(p.err, &bad) && m.opts.SkipBad != nil {
		m.bad++
		whole := io.NewSectionReader(m.input.file, m.input.start+p.start, p.end-p.start)
		if _, err := io.Copy(m.opts.SkipBad, whole); err != nil {
			return wrap("copy bad line", err)
		}
	} else if p.err != nil {
		return p.err
	}
	m.chunk = append(m.chunk, p)
	m.bytes += len(p.text)
	if len(m.chunk) < chunkLines && m.bytes < chunkBytes {
		return nil
	}
	return m.flush(ctx)
}

// flush takes in a chunk in one transaction, and only then gives the answers out.
func (m *importing) flush(ctx context.Context) error {
	var answers []Answer
	var tally Tally
	var apart map[merge.Key]bool
	e := m.exchange
	err := m.store.writeAround(ctx, func(t *tx) error {
		known, err := t.known(e.source)
		if err != nil {
			return err
		}
		tally, apart = Tally{Bad: m.bad}, maps.Clone(m.apart)
		answers = answers[:0]
		for _, p := range m.chunk {
			a, err := t.takeLine(p, int64(p.number) <= known, apart)
			if err != nil {
				return fmt.Errorf("line %d: %w", p.number, err)
			}
			switch {
			case a.Outcome != "":
			case p.record != nil:
				tally.Records++
				continue
			default:
				continue
			}
			tally.add(a.Outcome)
			answers = append(answers, a)
		}
		if n := len(m.chunk); n > 0 {
			e.lines = max(known, int64(m.chunk[n-1].number))
		}
		e.tally = tally
		e.id, err = t.exchanged(e)
		t.proof = proof{`SELECT 1 FROM dovetail_exchange WHERE id = $1 AND source = $2 AND lines = $3 AND changed_at = $4`,
			[]any{e.id, e.source, e.lines, micros(t.now)}}
		return err
	})
	if err != nil {
		return wrap("import", err)
	}
	m.exchange, m.total, m.apart = e, m.total.plus(tally), apart
	if m.opts.Progress != nil && len(m.chunk) > 0 {
		m.opts.Progress(m.chunk[len(m.chunk)-1].end, m.input.size)
	}
	m.chunk, m.bytes, m.bad = m.chunk[:0], 0, 0
	for _, a := range answers {
		if err := m.answer(a); err != nil {
			return err
		}
	}
	return nil
}

// takeLine gives one line its effect. A record that went in has no answer; a bad line has neither.
func (t *tx) takeLine(p parsed, known bool, apart map[merge.Key]bool) (Answer, error) {
	switch {
	case p.change != nil:
		return t.take(p.change)
	case p.record != nil:
		return t.takeRecord(p.record, known, apart)
	}
	return Answer{}, nil
}
