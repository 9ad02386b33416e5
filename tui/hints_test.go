package tui

import (
	"strings"
	"testing"
)

// TestHintsAreTrueOfTheField at the cursor: nobody changed it, so there is no side to stand on or to take.
func TestHintsAreTrueOfTheField(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).sees("←→ choice", "space take", "d compare").press("a", "G")
	r.sees("▸   vat").seesNot("←→ choice", "space take", "d compare").press(" ").sees("nobody changed this field: e edits it").seesNot("1 local")
	r.press("left").sees("nobody changed this field")
	r.size(50, 20).seesNot("↑↓ choice", "space take").press("home").sees("↑↓ choice")
	newRig(t, newDesk(customer(t, 1)), on(1)).size(50, 20).sees("RESULT  ! choose 1 2 3 c e").press("1").sees("RESULT  L 12 Kiln Rd")
}

// TestWhatIsComparedIsSaid for as long as it is so, and not only when the key is pressed.
func TestWhatIsComparedIsSaid(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("d", "j", "j").sees("status · string · the server's compared with local")
	r.size(50, 20).sees("the server's compared with local; both").size(80, 24).press("d", "j").seesNot("compared with local")
}

// TestWhoAndWhenStandBesideTheValues wherever they take no room from one.
func TestWhoAndWhenStandBesideTheValues(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).size(80, 24).press("n", "n").sees("on-hold ", "Ana, laptop · 09:00 \n", "Diaz · Mon 10:00 \n", "v3 · Sun 10:00 \n")
	r.press("n", "n").sees("Valve leaks, came back on Tuesday with the part; customer").sees("Diaz · Mon 10:00 \n").seesNot("Ana, laptop · 09:00")
}

// TestEveryPageHasItsHelp also those that stand over the fields, and it leads back to them.
func TestEveryPageHasItsHelp(t *testing.T) {
	for _, key := range []string{"v", "i", "m"} {
		r := newRig(t, newDesk(customer(t, 1)), on(1), title).press("1", key)
		page := r.sees("? help").m.View()
		if r.press("?").sees("KEYS", "a page down").press("esc"); r.m.View() != page {
			t.Errorf("%s: the help does not lead back to its page:\n%s", key, r.m.View())
		}
	}
}

// TestNothingInDisputeIsSaidSo where a rule settled all that was: a count of nothing tells nothing.
func TestNothingInDisputeIsSaidSo(t *testing.T) {
	c := conflict(t, 1, "deal/D-1", `{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"a":1,"b":2}`)
	r := newRig(t, newDesk(c), on(1)).size(80, 24).sees("Nothing is in dispute ✓ w reviews and writes").seesNot("0 of 0").press("w")
	r.wantScreen(onReview).sees("Checked: nothing is in dispute").seesNot("0 of 0")
}

// TestACutValueSaysHowLongItIs and which key shows it whole.
func TestACutValueSaysHowLongItIs(t *testing.T) {
	long := strings.Repeat("many words ", 200)
	c := conflict(t, 1, "note/1", `{"n":"x","s":"a"}`, `{"n":"`+long+`","s":"b"}`, `{"n":"y","s":"c"}`)
	r := newRig(t, newDesk(c), on(1)).size(80, 24).sees("n · string · v shows all 2200 bytes").press("j").sees("s · string ").seesNot("v shows all")
	r.size(120, 36).press("k").sees("v shows all 2200 bytes")
}
