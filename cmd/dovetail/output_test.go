package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestArmouredMeansTheSame(t *testing.T) {
	for _, text := range []string{
		"plain", "", "<b>&amp;", "x\u009b31m", "x\u202ey", "a\u2028b\u2029c", "\x7f", "soft\u00adhyphen", "tag\U000E0041", "emoji 👩\u200d🚒", "é",
	} {
		line, err := jsonLine(map[string]string{"v": text})
		if err != nil {
			t.Fatal(err)
		}
		got := armoured(line)
		if strings.ContainsFunc(string(got), actsOnTerminal) {
			t.Errorf("%q still acts on a terminal: %q", text, got)
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["v"] != text {
			t.Errorf("%q comes back as %q, %v", text, back["v"], err)
		}
	}
}

func TestPrintableIsOneHarmlessLine(t *testing.T) {
	for _, text := range []string{"a\nb", "a\rb", "\x1b]52;c;x\x07", "\x9b31m", "\u009b", "\u202e", "\xff\xfe", strings.Repeat("/a", 100_000)} {
		got := printable(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, actsOnTerminal) || len(got) > maxTalk+20 {
			t.Errorf("%.40q becomes %.80q of %d bytes", text, got, len(got))
		}
	}
}

func TestFormulaSafe(t *testing.T) {
	for _, test := range []struct{ cell, want string }{
		{cell: "=1+1", want: "'=1+1"},
		{cell: "+1", want: "'+1"},
		{cell: "-x", want: "'-x"},
		{cell: "@sum", want: "'@sum"},
		{cell: "\tx", want: "'\tx"},
		{cell: "＝1", want: "'＝1"},
		{cell: "a=1", want: "a=1"},
		{cell: "", want: ""},
	} {
		if got := formulaSafe(test.cell); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.cell, got, test.want)
		}
	}
}
