package main

import (
	"net"
	"sync"
)

// limited is a listener with no more than so many connections open at once; whoever comes then waits until one is closed.
type limited struct {
	net.Listener
	room chan struct{}
	done chan struct{} // closed with the listener, which may be waiting for room
	once sync.Once
}

func limitConnections(l net.Listener, most int) net.Listener {
	return &limited{Listener: l, room: make(chan struct{}, most), done: make(chan struct{})}
}

// Accept waits for room, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.room <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &counted{Conn: conn, leave: func() { <-l.room }}, nil
}

// Close ends the listener, not the connections.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// counted is a connection that makes room once when it is closed.
type counted struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close ends the connection.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}
