package main

import (
	"io"

	"github.com/muesli/termenv"
)

// obeysColors has a console obey colours, which those before Windows Terminal do only for whoever asks; false where it
// cannot, so that nobody gets to see their escape sequences.
func obeysColors(w io.Writer) bool {
	_, err := termenv.EnableVirtualTerminalProcessing(termenv.NewOutput(w))
	return err == nil
}
