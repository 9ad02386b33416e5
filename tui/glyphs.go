package tui

import (
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// glyphs are the signs of ours that not every terminal has.
type glyphs struct {
	cursor, bar, rule, full, light, caret string
	ellipsis, dot, arrow, same, check     safe.Cell
	up, down                              safe.Cell
	// The corners of the playground's history.
	forkDown, cornerDown, cornerUp, cornerFirst, cornerBack string
	// value draws a value on one line, block on as many as it takes.
	value func(merge.Value) safe.Cell
	block func(v merge.Value, width int) []safe.Cell
	// words puts a text of ours in the signs that there are.
	words func(string) safe.Cell
}

func unicodeGlyphs() *glyphs {
	return &glyphs{
		cursor: "▸", bar: "│", rule: "─", full: "█", light: "─", caret: "▏",
		ellipsis: "…", dot: " · ", arrow: "→", same: "·", check: " ✓", up: "↑", down: "↓",
		forkDown: "┬", cornerDown: "╮", cornerUp: "╰", cornerFirst: "╭", cornerBack: "╯",
		value: safe.Value, block: safe.ValueBlock,
		words: func(s string) safe.Cell { return safe.Cell(s) },
	}
}

// valueAt draws a field's value on one line: behind a number stands what the schema says that it is in.
func (g *glyphs) valueAt(rules *merge.Rules, path string, v merge.Value) safe.Cell {
	if v.Type() != merge.NumberType {
		return g.value(v)
	}
	return g.value(v) + pad(g.unitAt(rules, path))
}

func (g *glyphs) unitAt(rules *merge.Rules, path string) safe.Cell {
	unit, ok := merge.StringValue(rules.Unit(path))
	if rules.Unit(path) == "" || !ok {
		return ""
	}
	return g.value(unit)
}

func asciiGlyphs() *glyphs {
	plain := strings.NewReplacer("↑↓", "up/down", "←→", "left/right", "↑ ", "up ", "↓ ", "down ", "← ", "left ", "→ l", "right l", "→", "->", "⇄", "<>", " · ", " - ", "·", "-", "…", "...", "×", "x")
	return &glyphs{
		cursor: ">", bar: "|", rule: "-", full: "#", light: ".", caret: "|",
		ellipsis: "...", dot: " - ", arrow: "->", same: ".", check: "", up: "^", down: "v",
		forkDown: "+", cornerDown: "+", cornerUp: "+", cornerFirst: "+", cornerBack: "+",
		value: safe.ValueASCII, block: safe.ValueBlockASCII,
		words: func(s string) safe.Cell { return safe.Cell(plain.Replace(s)) },
	}
}
