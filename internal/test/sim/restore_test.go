package sim

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

// addRestore lets the table be restored to an older state once, in some plans.
func addRestore(p *plan, rng *rand.Rand) {
	if p.hideIDs || p.misleads() || rng.IntN(100) >= 10 {
		return // where reports hide our ids nobody can know after a restore what was done
	}
	at := len(p.items)/3 + rng.IntN(len(p.items)*2/3+1)
	p.items = slices.Insert(p.items, at, item{n: len(p.items) + 1, do: doRestore, tries: pick(rng, 0, 30, 60, 90, 97)})
	if p.keysDiffer() {
		p.chargeIn = "" // another body under a key is told apart by what iyzico lists under it
	}
}

// keysDiffer tells whether a key comes with more than one body.
func (p *plan) keysDiffer() bool {
	bodies := map[string]payment.Command{}
	for _, it := range p.items {
		if it.do != doRequest {
			continue
		}
		c := it.command
		c.Interactive = false
		if first, ok := bodies[c.PaymentID+c.Key]; ok && !reflect.DeepEqual(first, c) {
			return true
		}
		bodies[c.PaymentID+c.Key] = c
	}
	return false
}

// restore is what an operator does who puts an older table in the place of the present one: everything is stopped, what is
// under way at iyzico comes to its end and into its report, the table is rolled back to what it was after the given share
// of its saves, and TABLE_RESTORED_AT says when.
func (w *world) restore(percent int) {
	w.log("operator", "stops everything, waits, and restores the table to what it was after %d of %d saves",
		len(w.memory.log)*percent/100, len(w.memory.log))
	w.abandon()
	if w.flaw != restoresAtOnce {
		w.clock.advanceTo(w.clock.now.Add(w.plan.window + w.plan.lag + sendTimeout + 4*maxSkew))
	}
	w.memory.saved = nil // what lands there now is nobody's
	w.memory = w.memory.rolledBack(percent)
	w.memory.saved = w.stored
	w.restoredAt = w.clock.now
	w.check.forget()
}

// rolledBack is the store after the first part of its saves.
func (m *memory) rolledBack(percent int) *memory {
	old := newMemory()
	old.whole, old.unlocked = m.whole, m.unlocked
	old.log = slices.Clone(m.log[:len(m.log)*percent/100])
	for _, l := range old.log {
		old.accounts[l.id] = l.stored
	}
	for _, l := range m.useLog {
		if l.after <= len(old.log) {
			old.uses[l.use.Day] = l.use
			old.useLog = append(old.useLog, l)
		}
	}
	return old
}

// forget takes back what a restored table cannot know: what was published and answered since, and attempts that iyzico
// never executed, whose numbers come again. What iyzico executed is never forgotten.
func (c *checker) forget() {
	executed := map[string]bool{}
	for _, x := range c.w.ledger.Executions("") {
		executed[x.ConversationID] = true
	}
	maps.DeleteFunc(c.wire, func(id string, _ int) bool { return !executed[id] })
	for _, op := range c.operations {
		op.events, op.bound, op.written = nil, nil, nil // what the table remembers follows
		c.cause(op.payment, causeRestored)
		if len(c.w.pages[op.id]) > 0 {
			c.cause(op.payment, causePanel) // iyzico's page may still work, and the table may know nothing of it
			c.cause(op.payment, causeLateApproval)
		}
	}
	clear(c.waiting)
	clear(c.owed)
	images := map[payment.AccountID]payment.Account{}
	for _, l := range c.w.memory.log {
		for _, change := range payment.Changes(images[l.id], l.stored.decoded) {
			if op := c.operations[change.Detail.ID]; op != nil {
				op.events = append(op.events, change.Detail)
			}
		}
		images[l.id] = l.stored.decoded
	}
}

const causeRestored = "the table was restored"

// restored tells whether the table was rolled back: attempts then have other numbers than they had.
func (w *world) restored() bool { return w.restoredAt != time.Time{} }
