package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	barWidth = 20
	// barAfter is how long something takes before a bar is drawn: what is done at once needs none.
	barAfter = 300 * time.Millisecond
	barEvery = 50 * time.Millisecond
)

// progress tells on a terminal how far a long work is; nil elsewhere.
func (a *app) progress(what string) func(done, total int64) {
	if !isTerminal(a.errw) {
		return nil
	}
	bar := a.bar()
	return func(done, total int64) { bar(what, done, total) }
}

// bar draws how far a work is, in place of what it drew before. It takes itself away when all is done. A total of 0 is
// not known.
func (a *app) bar() func(what string, done, total int64) {
	begun, drawn := time.Now(), time.Time{}
	wide := 0
	return func(what string, done, total int64) {
		ended := total > 0 && done >= total
		if ended && wide > 0 {
			fmt.Fprintf(a.errw, "\r%s\r", strings.Repeat(" ", wide))
			wide = 0
		}
		if ended || time.Since(begun) < barAfter || time.Since(drawn) < barEvery {
			return
		}
		drawn = time.Now()
		line := fmt.Sprintf("%-6s %d", what, done)
		if total > 0 {
			full := int(done * barWidth / total)
			line = fmt.Sprintf("%-6s [%s%s] %3d %%", what, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done*100/total)
		}
		wide = max(wide, len(line))
		fmt.Fprintf(a.errw, "\r%-*s", wide, line)
	}
}
