package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// Claimer tells people who work on the same queue from each other. It keeps nobody from writing. Where there is none,
// nothing is claimed.
type Claimer interface {
	// Claim tells others that a person is at a conflict until a time; *merge.ClaimedError where somebody else is,
	// merge.ErrClosed, merge.ErrNotFound.
	Claim(ctx context.Context, conflict int64, person string, until time.Time) error
	// TakeOver is Claim whoever is at it, and returns who was; the same errors, but for the first.
	TakeOver(ctx context.Context, conflict int64, person string, until time.Time) (was string, err error)
	// Unclaim gives a claim back; that there is none is no error.
	Unclaim(ctx context.Context, conflict int64, person string) error
}

// How long a claim lasts, and how old it is when it is made anew: a terminal that died keeps others out no longer.
const (
	claimFor   = 5 * time.Minute
	claimAnew  = 2 * time.Minute
	unclaimFor = 2 * time.Second // that leaving may take
)

// claimedMsg says what became of claiming a conflict.
type claimedMsg struct {
	number int64
	over   bool
	was    string // whose it was, where it was taken over
	at     time.Time
	err    error
}

// claimCommands make the commands about claims.
type claimCommands struct {
	claim  func(number int64, over bool) tea.Cmd
	giveUp func(number int64) tea.Cmd
}

func newClaimCommands(ctx context.Context, c Config) claimCommands {
	if c.Claimer == nil {
		none := func(int64) tea.Cmd { return nil }
		return claimCommands{claim: func(int64, bool) tea.Cmd { return nil }, giveUp: none}
	}
	return claimCommands{
		claim: func(number int64, over bool) tea.Cmd {
			return func() tea.Msg {
				msg := claimedMsg{number: number, over: over, at: c.Now()}
				if until := msg.at.Add(claimFor); over {
					msg.was, msg.err = c.Claimer.TakeOver(ctx, number, c.Person, until)
				} else {
					msg.err = c.Claimer.Claim(ctx, number, c.Person, until)
				}
				return msg
			}
		},
		giveUp: func(number int64) tea.Cmd {
			return func() tea.Msg {
				soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), unclaimFor)
				defer cancel()
				_ = c.Claimer.Unclaim(soon, number, c.Person) // what is not given back ends by itself
				return nil
			}
		},
	}
}

// held is the conflict that others see the person at.
type held struct {
	number int64 // 0: none
	since  time.Time
}

// claim tells others that the person is at a conflict, and no longer at the one before.
func (m model) claim(number int64) (model, tea.Cmd) {
	m, back := m.giveUp(number)
	return m, both(back, m.env.commands.claims.claim(number, false))
}

// giveUp gives back what is claimed, unless it is the conflict that is named.
func (m model) giveUp(but int64) (model, tea.Cmd) {
	if m.held.number == 0 || m.held.number == but {
		return m, nil
	}
	number := m.held.number
	m.held = held{}
	return m, m.env.commands.claims.giveUp(number)
}

// atConflict is the conflict that the person is at; 0: at none.
func (m *model) atConflict() int64 {
	if m.screen == onResolve || m.screen == onReview {
		return m.resolve.number
	}
	return 0
}

// claimed takes the answer to a claim. Where somebody else is at the conflict, the person is asked.
func (m model) claimed(msg claimedMsg) (model, tea.Cmd) {
	if msg.number != m.atConflict() {
		if msg.err != nil {
			return m, nil
		}
		return m, m.env.commands.claims.giveUp(msg.number) // it came too late
	}
	var other *merge.ClaimedError
	held := m.held.number == msg.number
	switch {
	case errors.As(msg.err, &other) && held:
		m.held.number = 0
		m.resolve.warn(safe.Text(other.By) + " took this conflict over. Your draft is kept; who writes first has it written.")
	case errors.As(msg.err, &other):
		m.resolve.asked = other
		m.resolve.status = status{text: m.resolve.takenBy()}
	case errors.Is(msg.err, merge.ErrClosed), errors.Is(msg.err, merge.ErrNotFound):
		m.held.number = 0 // the screen says so
	case msg.err != nil:
		m.held.number = 0
		m.tell(failed("others cannot see that you are at it: ", msg.err))
	default:
		m.held.number, m.held.since = msg.number, msg.at
		if msg.was != "" {
			m.tell(status{text: "taken over from " + safe.Text(msg.was)})
		}
	}
	return m, nil
}

// warn puts a text into the banner, behind what is there.
func (m *resolveModel) warn(text safe.Cell) {
	if m.banner != "" {
		text = m.banner + " " + text
	}
	m.banner = text
	if m.s != nil {
		m.moved()
	}
}

// tell puts a line on the screen of the conflict, whichever that is.
func (m *model) tell(s status) {
	m.resolve.status = s
	if m.screen == onReview {
		m.review.status = s
	}
}

// renew makes a claim anew before it ends.
func (m model) renew() tea.Cmd {
	if m.held.number == 0 || m.held.number != m.atConflict() || m.env.now().Sub(m.held.since) < claimAnew {
		return nil
	}
	return m.env.commands.claims.claim(m.held.number, false)
}

// takenBy is the question whether to take a conflict over.
func (m *resolveModel) takenBy() safe.Cell {
	return safe.Text(m.asked.By) + " is at it until " + when(m.asked.Until, m.env.now(), m.env.location) + ". Take it over?"
}

// answerClaim takes the answer to it.
func (m resolveModel) answerClaim(what intent) (resolveModel, action, tea.Cmd) {
	switch what {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case sayYes:
		m.asked, m.status = nil, status{}
		return m, action{}, m.env.commands.claims.claim(m.number, true)
	case showFull:
		m.status = status{text: "not taken over: " + safe.Text(m.asked.By) + " is at it, and does not see you"}
		m.asked = nil
		return m, action{}, nil
	case sayNo, goBack:
		return m, action{do: backToQueue}, nil
	}
	m.status = status{text: m.takenBy()}
	return m, action{}, nil
}

// claimKeys answer whether to take a conflict over.
func claimKeys() keymap {
	return keymap{
		must(bind(sayYes, "y", "take over", "take the conflict over; the other one is told", "y")),
		must(bind(showFull, "v", "only look", "look at it without a claim", "v")),
		must(bind(sayNo, "esc", "leave it", "back to the queue; also n and q", "esc", "n", "q")),
	}
}

// others tells who else is at a conflict of the queue; nil: nobody.
func (m *queueModel) others(c *merge.Conflict) safe.Cell {
	if c.ClaimedBy == "" || c.ClaimedBy == m.env.you || !c.ClaimedUntil.After(m.env.now()) {
		return ""
	}
	return safe.Text(c.ClaimedBy)
}

// toFree moves the cursor down to a conflict that nobody else is at, where the window has one.
func (m *queueModel) toFree() {
	for at := max(m.cursor, 0); at < len(m.w.rows); at++ {
		if m.others(&m.w.rows[at].Conflict) == "" {
			m.cursor = at
			return
		}
	}
}
