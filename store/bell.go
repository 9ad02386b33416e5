package store

import "sync"

// Written returns a channel that is closed once something was written by this Store. Whoever asks for it, and looks then,
// misses nothing; what other processes write, and the clients of an application, it does not tell.
func (s *Store) Written() <-chan struct{} { return s.written.next() }

// bell wakes all who wait for it to ring.
type bell struct {
	mu     sync.Mutex
	silent chan struct{} // nil: nobody waits
}

func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent == nil {
		b.silent = make(chan struct{})
	}
	return b.silent
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent != nil {
		close(b.silent)
		b.silent = nil
	}
}
