package merge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// joinTexts joins two strings by lines, and where lines clash by the words in them. Edits that overlap or touch are
// not joined: then the hunks tell the text in order, each joined or in dispute.
func joinTexts(base, local, server []byte) joined {
	var sides [3]string
	for i, v := range [...][]byte{base, local, server} {
		if len(v) == 0 || v[0] != '"' {
			return joined{}
		}
		sides[i] = string(unescape(v[1 : len(v)-1]))
	}
	var j textJoin
	j.split(sides, lines, func(b, l, s string) {
		j.split([3]string{b, l, s}, words, j.dispute)
	})
	if len(j.hunks) == 0 {
		return whole(appendString(nil, []byte(j.joined.String())))
	}
	j.flush()
	return joined{hunks: j.hunks}
}

// textJoin collects a joined text; hunks stays empty while nothing is in dispute.
type textJoin struct {
	joined strings.Builder // since the last dispute
	hunks  []Hunk
}

// split joins three texts piece by piece, and hands what clashes to clash.
func (j *textJoin) split(sides [3]string, cut func(string) []string, clash func(b, l, s string)) {
	var t tokens
	var pieces [3][]string
	var numbers [3][]int
	for i, side := range sides {
		pieces[i] = cut(side)
		for _, piece := range pieces[i] {
			numbers[i] = append(numbers[i], t.number(piece))
		}
	}
	for _, c := range diff3(numbers[0], numbers[1], numbers[2]) {
		l := strings.Join(pieces[1][c.localFrom:c.localTo], "")
		s := strings.Join(pieces[2][c.serverFrom:c.serverTo], "")
		switch c.outcome {
		case FieldConflict:
			clash(strings.Join(pieces[0][c.from:c.to], ""), l, s)
		case Local:
			j.joined.WriteString(l)
		default:
			j.joined.WriteString(s)
		}
	}
}

func (j *textJoin) dispute(b, l, s string) {
	j.flush()
	base, _ := StringValue(b)
	local, _ := StringValue(l)
	server, _ := StringValue(s)
	j.hunks = append(j.hunks, Hunk{Base: base, Local: local, Server: server})
}

// flush ends a joined hunk.
func (j *textJoin) flush() {
	if j.joined.Len() == 0 {
		return
	}
	text, _ := StringValue(j.joined.String())
	j.hunks = append(j.hunks, Hunk{Joined: text})
	j.joined.Reset()
}

// lines cuts a text after each line feed.
func lines(s string) []string {
	out := strings.SplitAfter(s, "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// words cuts a text into words, runs of blanks, and single other characters.
func words(s string) []string {
	var out []string
	for s != "" {
		first, size := utf8.DecodeRuneInString(s)
		n := size
		if class := classOf(first); class != other {
			for n < len(s) {
				r, size := utf8.DecodeRuneInString(s[n:])
				if classOf(r) != class {
					break
				}
				n += size
			}
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

type class uint8

const (
	other class = iota
	letter
	blank
)

func classOf(r rune) class {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_':
		return letter
	case unicode.IsSpace(r):
		return blank
	}
	return other
}
