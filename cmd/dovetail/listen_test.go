package main

import (
	"errors"
	"net"
	"testing"
)

// Of three that come to a listener with room for two, the third is let in once one of them has left.
func TestLimitedConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	if room := len(l.(*limited).room); room != 2 {
		t.Errorf("%d are counted, want 2", room)
	}
	select {
	case <-accepted:
		t.Error("a third was let in")
	default:
	}
	first.Close()
	first.Close() // makes room only once
	third := <-accepted
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
	second.Close()
	third.Close()
	if room := len(l.(*limited).room); room != 0 {
		t.Errorf("%d are counted after all left", room)
	}
}
