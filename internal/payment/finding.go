package payment

import (
	"slices"
	"strings"

	"github.com/iade/iade/internal/money"
)

// finding is what a report, or a day list, says about one leg's attempt.
type finding struct {
	evidence Evidence
	moved    money.Amount // what entries of our id moved, where the attempt would put it
	entries  []Entry      // those entries
	held     bool         // any entry of our id moved money, wherever it stands
	present  bool         // any entry has our id
	misfit   bool         // one that moved money stands where the attempt would not put it
	open     bool         // one has another status and no error code
	failed   bool         // one has another status and an error code
}

// examine gives the one piece of evidence that a report is about a leg. The account has absorbed the report.
func (r Rules) examine(a *Account, op *Operation, leg *Leg, rep Report) finding {
	f := op.findingOf(leg, &rep)
	if leg.API == APIBalanceInit {
		f.evidence = r.balanceEvidence(a, op, leg, f, rep)
		return f
	}
	switch {
	case f.evidence != EvidenceAbsent:
	case a.unexplained(op, leg, r.behind(rep), r.SettleWindow):
		f.evidence = EvidenceUnexplained
	case f.failed:
		f.evidence = EvidenceFailed
	case a.defect(&rep) != "", !rep.freshFor(leg), rep.resembles(op, leg):
		f.evidence = EvidenceUnreadable
	}
	return f
}

// findingOf collects the entries of the leg's current attempt. A restored operation takes any attempt of its id on the
// leg's own line, and what stands on no line of its own speaks against every leg: it is nobody's absence.
func (op *Operation) findingOf(leg *Leg, rep *Report) finding {
	f := finding{evidence: EvidenceAbsent, moved: money.Zero(leg.Amount.Currency())}
	var seen []Entry
	for _, e := range rep.entriesOf(op.ID) {
		_, attempt, _ := splitConversationID(e.ConversationID)
		mine := attempt == leg.Attempt
		if op.Restored {
			mine = op.mayBeOf(leg, e)
		}
		if !mine || leg.Attempt == 0 || slices.ContainsFunc(seen, e.repeats) {
			continue
		}
		seen = append(seen, e)
		f.present = true
		f.held = f.held || e.moved()
		switch {
		case e.moved() && leg.fits(e):
			f.moved = f.moved.Add(e.Amount)
			f.entries = append(f.entries, e)
		case e.moved():
			f.misfit = true
		case e.failed():
			f.failed = true
		default:
			f.open = true
		}
	}
	switch excess := f.moved.Sub(leg.Amount); {
	case len(f.entries) > 0 && !f.misfit && (f.wholeOf(leg) || repeatedWhole(leg, f.entries)):
		f.evidence = EvidenceDone
	case f.misfit || excess.Sign() > 0:
		f.evidence = EvidenceWrong
	case len(f.entries) > 0:
		f.evidence = EvidencePart
		if leg.State == StateSucceeded && leg.API == APIRefundV2 {
			f.evidence = EvidenceAbsent // the other lines' entries follow
		}
	case f.open:
		f.evidence = EvidenceOpen
	case f.failed && leg.State == StateSucceeded:
		f.evidence = EvidenceFailed
	}
	return f
}

// mayBeOf tells whether an entry of a restored operation may be the leg's, whatever its attempt.
func (op *Operation) mayBeOf(leg *Leg, e Entry) bool {
	if leg.API == APICancel && len(op.Legs) > 1 {
		return e.Cancel // the refunds of a reversal are its other legs'
	}
	return !leg.API.ofOneLine() || leg.fits(e) || !slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.fits(e) })
}

// wholeOf tells whether the entries are exactly what was asked for. A cancel takes the whole payment whatever its price says.
func (f finding) wholeOf(leg *Leg) bool {
	if leg.API == APICancel && slices.ContainsFunc(f.entries, func(e Entry) bool { return e.Cancel }) {
		return len(f.entries) == 1
	}
	return near(f.moved, leg.Amount)
}

// repeatedWhole tells whether one refund stands under each line with its whole amount: one refundTxId, so it moved once.
func repeatedWhole(leg *Leg, entries []Entry) bool {
	first := entries[0]
	return first.TxID != "" && near(first.Amount, leg.Amount) && !slices.ContainsFunc(entries, func(e Entry) bool {
		return e.TxID != first.TxID || e.Cancel != first.Cancel || !e.Amount.Equal(first.Amount)
	})
}

// repeats tells whether the entry is the other one once more.
func (e Entry) repeats(o Entry) bool {
	return e.key() == o.key() && e.Status == o.Status && e.ErrorCode == o.ErrorCode && e.Amount.Equal(o.Amount)
}

// prove keeps what the report gives as evidence: at least one entry that moved.
func (a *Account) prove(leg *Leg, f finding) {
	first := f.entries[0]
	leg.Proof.RefundTxID = first.TxID
	if leg.Proof.AuthCode == "" {
		leg.Proof.AuthCode = first.AuthCode
	}
	if leg.Proof.HostReference == "" {
		leg.Proof.HostReference = first.HostReference
	}
	if leg.API != APIRefundV2 {
		return
	}
	leg.Parts = nil
	switch {
	case first.Cancel: // a refund of the whole payment that iyzico carried out as a cancel: it took every line
		for _, line := range a.Lines {
			leg.Parts = append(leg.Parts, Part{line.ID, line.PaidAmount})
		}
	case near(f.moved, leg.Amount):
		for _, e := range f.entries {
			leg.Parts = append(leg.Parts, Part{e.LineID, e.Amount})
		}
	}
}

// minTellingPart is how much of one of our ids must be left for a cut one to be taken for it.
const minTellingPart = 4

// resembles tells whether an entry carries something like the attempt's id that is not exactly one of ours: in another
// case, cut, padded, or with something before or after it. Such an entry is nobody's absence.
func (rep *Report) resembles(op *Operation, leg *Leg) bool {
	return slices.ContainsFunc(rep.Entries, func(e Entry) bool { return op.resembles(leg, e.ConversationID) })
}

func (op *Operation) resembles(leg *Leg, conversationID string) bool {
	if id, _, whole := splitConversationID(conversationID); whole {
		if _, ours := AccountOf(id); ours {
			return false // an id of ours in full, this attempt's or another's
		}
	}
	said, mine := plain(conversationID), plain(ConversationID(op.ID, leg.Attempt))
	switch {
	case len(said) < minTellingPart:
		return false
	case strings.Contains(said, plain(op.ID)), strings.Contains(mine, said):
		return true
	}
	return false
}

// plain is an id as it can be compared however it is spelled: lower case, letters and digits alone.
func plain(id string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(id))
}
