package tui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// Historian tells what became of a record.
type Historian interface {
	// History returns the versions of a record that are known, oldest first.
	History(context.Context, merge.Key) ([]merge.Moment, error)
}

// Ruler makes rules of choices.
type Ruler interface {
	// TryRule runs a policy for a field over what people decided, and over what waits.
	TryRule(ctx context.Context, collection, path, policy string) (merge.Trial, error)
	// SetRule makes it the collection's policy and returns how many conflicts that closed.
	SetRule(ctx context.Context, collection, path, policy, person string) (closed int64, err error)
}

// What these commands answer.
type (
	historyMsg struct {
		number  int64
		moments []merge.Moment
		err     error
	}
	trialMsg struct {
		number       int64
		path, policy string
		trial        merge.Trial
		err          error
	}
	ruledMsg struct {
		number       int64
		path, policy string
		closed       int64
		err          error
	}
)

// aboutCommands ask for what is told of a record and of rules.
type aboutCommands struct {
	history func(number int64, key merge.Key) tea.Cmd
	try     func(number int64, collection, path, policy string) tea.Cmd
	rule    func(number int64, collection, path, policy string) tea.Cmd
}

func newAboutCommands(ctx context.Context, c Config) aboutCommands {
	var out aboutCommands
	if c.History != nil {
		out.history = func(number int64, key merge.Key) tea.Cmd {
			return func() tea.Msg {
				moments, err := c.History.History(ctx, key)
				return historyMsg{number: number, moments: moments, err: err}
			}
		}
	}
	if c.Rules == nil {
		return out
	}
	out.try = func(number int64, collection, path, policy string) tea.Cmd {
		return func() tea.Msg {
			trial, err := c.Rules.TryRule(ctx, collection, path, policy)
			return trialMsg{number, path, policy, trial, err}
		}
	}
	out.rule = func(number int64, collection, path, policy string) tea.Cmd {
		return func() tea.Msg {
			closed, err := c.Rules.SetRule(ctx, collection, path, policy, c.Person)
			return ruledMsg{number, path, policy, closed, err}
		}
	}
	return out
}

// about is a page over the fields: a record's history, or what a rule would do.
type about struct {
	moments      []merge.Moment
	trial        *merge.Trial
	path, policy string
	title        safe.Cell
}

// askAbout asks for the history, or for what the choice for a field would do as a rule.
func (m resolveModel) askAbout(what intent) (resolveModel, tea.Cmd) {
	do := m.env.commands.about
	if what == showHistory {
		if do.history == nil {
			m.status = status{text: "there is no history here", bad: true}
			return m, nil
		}
		m.status.text = "reading the history" + m.env.glyphs.ellipsis
		return m, do.history(m.number, m.s.Conflict.Record)
	}
	f := m.focused()
	policy, bad := m.policyOf(f)
	if do.try == nil {
		bad = "rules are made at the hub"
	}
	if bad != "" {
		m.status = status{text: bad, bad: true}
		return m, nil
	}
	m.status.text = "trying the rule" + m.env.glyphs.ellipsis
	return m, do.try(m.number, m.s.Conflict.Record.Collection, f.Path, policy)
}

// policyOf is the rule that the choice for a field stands for, or why there is none.
func (m *resolveModel) policyOf(f *field) (policy string, bad safe.Cell) {
	if f == nil || f.Path == "" {
		return "", "a rule is for one field, not for the record as a whole"
	}
	if f.unit != "" {
		return "", "a group is decided as one: its rule stands in the schema"
	}
	choice := m.draft.Decisions[f.Path].Choice
	if choice == merge.Undecided {
		choice = m.bracket
	}
	switch choice {
	case merge.TakeLocal, merge.TakeServer:
		return choice.String(), ""
	case merge.TakeCombined:
		if f.Rule != "" {
			return f.Rule, ""
		}
		if _, like := f.Suggestion(false); like != merge.Inherit {
			return like.String(), ""
		}
	case merge.Undecided:
		return "", "decide the field first: m then makes the choice a rule"
	}
	return "", "no rule stands for " + safe.Cell(choice.String())
}

// told takes what a command answered to askAbout.
func (m resolveModel) told(msg tea.Msg) (resolveModel, action, tea.Cmd) {
	switch msg := msg.(type) {
	case historyMsg:
		if msg.number != m.number || m.s == nil {
			return m, action{}, nil
		}
		if m.status = (status{}); msg.err != nil {
			m.status = failed("no history: ", msg.err)
			return m, action{}, nil
		}
		m.openAbout(about{moments: msg.moments, title: "HISTORY"})
	case trialMsg:
		if msg.number != m.number || m.s == nil {
			return m, action{}, nil
		}
		if m.status = (status{}); msg.err != nil {
			m.status = failed("the rule cannot be tried: ", msg.err)
			return m, action{}, nil
		}
		m.openAbout(about{trial: &msg.trial, path: msg.path, policy: msg.policy, title: "RULE"})
	case ruledMsg:
		if msg.number != m.number || m.s == nil {
			return m, action{}, nil
		}
		if msg.err != nil {
			m.status = failed("not set: ", msg.err)
			return m, action{}, nil
		}
		m.status = status{}
		m, cmd := m.reload(ruledTold(msg))
		return m, action{}, cmd
	}
	return m, action{}, nil
}

// ruledTold is what a new rule did. A conflict in which it leaves nothing to decide waits all the same: a person writes it.
func ruledTold(msg ruledMsg) safe.Cell {
	did := safe.Cell("what it settles waits: g, A and c in the queue write it.")
	if msg.closed > 0 {
		did = safe.Cell(plural(int(msg.closed), "conflict")) + " closed by it."
	}
	return safe.Text(merge.PathLabel(msg.path)) + " is " + safe.Text(msg.policy) + " from now on; " + did
}

func (m *resolveModel) openAbout(a about) {
	if m.mode == inBox {
		return // what is typed comes first
	}
	m.about, m.mode, m.full = a, inAbout, fullView{}
	m.layAbout()
}

// layAbout makes the lines of the page for the width there is.
func (m *resolveModel) layAbout() {
	m.full.lines = nil
	if m.about.trial != nil {
		m.layTrial()
	} else {
		m.layHistory()
	}
	m.full.top = scrolled(m.full.top, len(m.full.lines), max(m.height-4, 1), noIntent)
}

func (m *resolveModel) tell(role theme.Role, head bool, text safe.Cell) {
	m.full.tell(m.width-4, role, head, text)
}

// layHistory tells the versions, newest first, and before them who changed the field at the cursor.
func (m *resolveModel) layHistory() {
	now, in, g := m.env.now(), m.env.location, m.env.glyphs
	at := m.focused()
	if at != nil && at.Path != "" {
		m.tell(theme.Heading, true, "Who changed "+at.name)
		for i := len(m.about.moments) - 1; i >= 0; i-- {
			if v := &m.about.moments[i]; touches(v.Changed, at.Path) {
				m.tell(theme.Plain, false, safe.Cell(fmt.Sprintf("v%d", v.Version))+g.dot+who(v.Stamp, now, in, g)+g.dot+changeIn(m.about.moments, m.s.Rules, i, at.Path, g))
			}
		}
		if !merge.Equal(at.Local, at.Base) {
			m.tell(theme.Local, false, "local"+g.dot+whoAndHow(m.s.Local, now, in, g)+g.dot+changed(m.s.Rules, at.Path, at.Base, at.Local, g))
		}
		m.full.lines = append(m.full.lines, fullLine{})
	}
	m.full.versions(m.env, m.width-4, m.about.moments, m.s.Rules)
}

// touches reports whether a field is among the paths, or above or below one.
func touches(paths []string, path string) bool {
	for _, p := range paths {
		if p == path || strings.HasPrefix(p, path+"/") || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// layTrial tells how a rule gets on with what people decided, and what it would do with what waits.
func (m *resolveModel) layTrial() {
	t, g := m.about.trial, m.env.glyphs
	name := safe.Text(merge.PathLabel(m.about.path))
	m.tell(theme.Strong, true, "For every record of "+safe.Text(m.s.Conflict.Record.Collection)+", "+name+" would be "+
		safe.Text(m.about.policy)+", and nobody asked.")
	m.full.lines = append(m.full.lines, fullLine{})
	total := t.Agrees + t.Different
	switch {
	case total == 0:
		m.tell(theme.Plain, true, "Decided so far: nothing that the rule would have decided.")
	case t.Different == 0:
		m.tell(theme.Good, true, safe.Cell(fmt.Sprintf("Decided so far: agrees with all %d.", total)))
	default:
		m.tell(theme.Warning, true, safe.Cell(fmt.Sprintf("Decided so far: agrees with %d of %d; differs in these %d:",
			t.Agrees, total, t.Different)))
	}
	for _, o := range t.Differs {
		by := safe.Text(o.By)
		if by == "" {
			by = "somebody"
		}
		m.tell(theme.Plain, false, safe.Text(o.Record.String())+g.dot+by+" took "+safe.Cell(o.Choice.String())+" "+g.value(o.Value)+
			", the rule "+g.value(o.Rule))
	}
	if more := t.Different - int64(len(t.Differs)); more > 0 {
		m.tell(theme.Dim, false, safe.Cell(fmt.Sprintf("%d more", more)))
	}
	m.full.lines = append(m.full.lines, fullLine{})
	text := safe.Cell(fmt.Sprintf("In the queue: would settle %d of the %d that wait in ", t.Settles, t.Waiting)) +
		safe.Text(m.s.Conflict.Record.Collection)
	if t.Eases > 0 {
		text += safe.Cell(fmt.Sprintf(", and ask less in %d more", t.Eases))
	}
	m.tell(theme.Plain, true, text+".")
}

// aboutKey does what a key asks for on such a page.
func (m resolveModel) aboutKey(what intent) (resolveModel, action, tea.Cmd) {
	switch {
	case what == goBack || what == sayNo:
		m.mode, m.full, m.about = onFields, fullView{}, about{}
	case what == sayYes && m.about.trial != nil:
		cmd := m.env.commands.about.rule(m.number, m.s.Conflict.Record.Collection, m.about.path, m.about.policy)
		m.mode, m.full, m.about = onFields, fullView{}, about{}
		m.status.text = "setting the rule" + m.env.glyphs.ellipsis
		return m, action{}, cmd
	default:
		m.full.top = scrolled(m.full.top, len(m.full.lines), max(m.height-4, 1), what)
	}
	return m, action{}, nil
}

func (m *resolveModel) aboutKeys() keymap {
	if m.about.trial != nil {
		return m.env.keys[onTrial]
	}
	return m.env.keys[onFull]
}

// trialKeys are those of what a rule would do.
func trialKeys() keymap {
	return keymap{
		must(bind(sayYes, "y", "make it the rule", "set it for the collection; what it settles is closed", "y")),
		must(bind(goBack, "esc", "leave it", "set nothing; also n and q", "esc", "n", "q")),
		step(goUp, "↑ k", "", "scroll up", "up", "k"),
		pair("↑↓", goDown, "↓ j", "scroll", "scroll down", "down", "j"),
		step(goPageUp, "pgup", "", "a page up", "pgup", "ctrl+u"),
		step(goPageDown, "pgdn", "", "a page down", "pgdown", "ctrl+d"),
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
	}
}
