package store

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
)

// parsed is a line that was read, or what is wrong with it.
type parsed struct {
	line
	text   []byte
	number int
	start  int64 // in the input
	end    int64
	err    error // a *[LineError]
}

// batchLines is how many lines go from hand to hand at once.
const batchLines = 128

// batch is some lines in order; ready is closed when they have been parsed.
type batch struct {
	lines []parsed
	ready chan struct{}
}

// eachParsed parses lines, several at once and ahead of whoever takes them, and calls fn for each in order. It ends
// with the first error of fn, of reading, or of ctx.
func eachParsed(ctx context.Context, from *lineReader, fn func(parsed) error) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan *batch, workers)
	queue := make(chan *batch, 2*workers)
	var group sync.WaitGroup
	var failed error
	group.Go(func() {
		defer close(queue)
		defer close(todo)
		failed = readBatches(ctx, from, todo, queue)
	})
	for range workers {
		group.Go(func() {
			for b := range todo {
				b.parse()
			}
		})
	}
	err := takeBatches(ctx, queue, fn)
	cancel()
	for range queue { // so that the reader is not left waiting
	}
	group.Wait()
	if err == nil {
		err = failed
	}
	return err
}

// readBatches reads lines until there are no more.
func readBatches(ctx context.Context, from *lineReader, todo, queue chan<- *batch) error {
	for {
		b := &batch{ready: make(chan struct{})}
		var end error
		for len(b.lines) < batchLines && end == nil {
			var text []byte
			if text, end = from.next(); end == nil {
				b.lines = append(b.lines, parsed{text: text, number: from.number, start: from.start, end: from.read})
			}
		}
		for _, to := range []chan<- *batch{todo, queue} {
			select {
			case to <- b:
			case <-ctx.Done():
				return nil // takeBatches tells it
			}
		}
		if errors.Is(end, io.EOF) {
			return nil
		}
		if end != nil {
			return end
		}
	}
}

func (b *batch) parse() {
	for i := range b.lines {
		p := &b.lines[i]
		p.line, p.err = parseLine(p.text)
		var bad *LineError
		if errors.As(p.err, &bad) {
			bad.Line = p.number
		}
	}
	close(b.ready)
}

func takeBatches(ctx context.Context, queue <-chan *batch, fn func(parsed) error) error {
	for b := range queue {
		select {
		case <-b.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, p := range b.lines {
			if err := fn(p); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
