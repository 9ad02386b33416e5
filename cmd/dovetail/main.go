// Command dovetail joins two changes of the same record and asks a person about the rest.
//
// It is the only place where the database (package store) and the screens (package tui) meet. Every command stands in
// a file of its own; run is the whole program and can be called without a process around it.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(mainCode())
}

// mainCode runs the program on the process's own streams. It stands apart from main so that deferred calls run.
func mainCode() int {
	privateFiles()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return report(os.Stderr, run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: args without its name, in for data and answers, out for data, errw for talk.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) error {
	a := &app{in: in, out: out, errw: errw}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
