package safe

import "unicode"

// hidden are the characters that count as printable and yet draw nothing, or change what stands beside them:
// fillers and blanks, and letters that join the character after them into one cell.
var hidden = map[rune]bool{
	0x034F: true, 0x115F: true, 0x1160: true, 0x17B4: true, 0x17B5: true, 0x2800: true, 0x3164: true, 0xFFA0: true,
	0x16FE4: true, 0x1D159: true, 0x13441: true, 0x13442: true,
	0x0D4E: true, 0x111C2: true, 0x111C3: true, 0x113D1: true, 0x1193F: true, 0x11941: true, 0x11A3A: true,
	0x11A84: true, 0x11A85: true, 0x11A86: true, 0x11A87: true, 0x11A88: true, 0x11A89: true, 0x11D46: true,
	0x11F02: true,
}

// drawable reports whether every terminal draws r as something that is seen, and does nothing else with it.
// Enclosing marks and the skin tones of emoji are left out although they are seen: terminals disagree about how many
// cells they take, and a row that is off by one cell shows a value in the wrong column.
func drawable(r rune) bool {
	switch {
	case r < 0x7F:
		return r >= ' '
	case !unicode.IsPrint(r), hidden[r]:
		return false
	case r < 0x0300:
		return true
	case r >= 0x1F3FB && r <= 0x1F3FF:
		return false
	}
	return !unicode.In(r, unicode.Me, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// joins reports whether r is put on the letter before it, whatever that is: the marks, the later parts of a Korean
// syllable, and four letters that behave like marks.
func joins(r rune) bool {
	if r < 0x0300 {
		return false
	}
	if r >= 0x1160 && r <= 0x11FF || r >= 0xD7B0 && r <= 0xD7FF {
		return true
	}
	return unicode.Is(unicode.M, r) || r == 0x0E33 || r == 0x0EB3 || r == 0xFF9E || r == 0xFF9F
}

// runsOn reports whether r is a letter of a script that puts no blanks between its words.
func runsOn(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer,
		unicode.Myanmar, unicode.Tibetan, unicode.Bopomofo)
}

// leadingJamo reports whether r begins a Korean syllable; any number of them in a row is one grapheme.
func leadingJamo(r rune) bool { return r >= 0x1100 && r < 0x115F || r >= 0xA960 && r <= 0xA97C }

// flagHalf reports whether r is one of the two letters of a flag.
func flagHalf(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
