package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// situation is one thing that may happen in a run, counted so that a run which never came upon it fails.
type situation struct{ group, name string }

// coverage counts situations.
type coverage map[situation]int

// The groups of situations.
const (
	sawRequest = "asked for"
	sawCaller  = "others did"
	sawFault   = "went wrong"
	sawTold    = "iyzico told"
	sawKill    = "killed"
	sawStatus  = "published"
	sawRow     = "changed"
)

func (w *world) saw(group, name string) { w.stats.Seen[situation{group, name}]++ }

// faultNames are the alternatives of each question about what goes wrong, the plain one left out.
var faultNames = map[string][]string{
	askFate:  {"a process is killed", "a process is frozen"},
	askLoad:  {"the store refuses a load", "the store is away for a while"},
	askSave:  {"the store refuses a save", "a save is stored, its answer lost", "a save is stored late, its answer lost", "a conflict without a cause"},
	askOpen:  {"the index is away", "the index is stale and empty", "the index is stale and full"},
	askWrite: {"a process is frozen right before the write"},
	askSend: {
		"executed, the answer lost", "a request lost", "executed late, the connection lost", "declined by a listed code", "refused by iyzico's limit",
		"executed, the answer slow", "a retryable refusal, which iyzico may carry out later", "executed, and said to be declined",
	},
	askRead:    {"the report cannot be read", "a read is refused by iyzico's limit", "only payment detail answers"},
	askPage:    {"a page of the day list cannot be read", "a page of the day list is refused by iyzico's limit"},
	askTake:    {"the quota cannot be counted"},
	askLoadUse: {"the limits' use cannot be read"},
	askSaveUse: {"a count is refused", "a count is stored, its answer lost", "a count is stored late, its answer lost", "a count meets a conflict without a cause"},

	askReportLie: lieNames(reportLies),
	askDayLie:    lieNames(dayLies),
}

func lieNames(lies []lie) []string {
	var names []string
	for _, l := range lies {
		names = append(names, l.name)
	}
	return names
}

// mishaps lists every situation that the table of faults makes possible.
func mishaps() []situation {
	var all []situation
	for question, names := range faultNames {
		if question == askReportLie || question == askDayLie {
			continue // sawTold
		}
		for _, name := range names {
			all = append(all, situation{sawFault, name})
		}
	}
	return all
}

// changed counts what one save changed: which row of the table of states each leg went through. What a save is about is
// told by the image and by what its worker did last; a leg that went through several rows at once counts for none of them.
func (w *world) changed(k *worker, old, next *payment.Account) {
	for i := range next.Operations {
		op := &next.Operations[i]
		was := old.Operation(op.ID)
		if was == nil {
			w.sawNew(op)
		}
		for j := range op.Legs {
			leg := &op.Legs[j]
			from := payment.Leg{State: payment.StateReserved}
			if was != nil && j < len(was.Legs) && (was.AcceptedIn == op.AcceptedIn || was.Legs[j].State == payment.StateNotSent) {
				from = was.Legs[j]
			}
			if from.State == leg.State && leg.State != payment.StateSending {
				continue
			}
			if on := k.trigger(was, op, &from, leg); on != "" {
				w.saw(sawRow, row(op.Kind, from.State, on, leg.State))
			}
		}
	}
}

func row(kind payment.Kind, from payment.State, on payment.Trigger, to payment.State) string {
	for _, t := range payment.Transitions {
		if t.From == from && t.On == on && t.To == to && (len(t.Kinds) == 0 || slices.Contains(t.Kinds, kind)) {
			return rowName(t)
		}
	}
	return fmt.Sprintf("%s: %s → %s: %s", kind, from, to, on)
}

func rowName(t payment.Transition) string {
	name := fmt.Sprintf("%s → %s: %s", t.From, t.To, t.On)
	if len(t.Kinds) > 0 {
		kinds := make([]string, len(t.Kinds))
		for i, kind := range t.Kinds {
			kinds[i] = string(kind)
		}
		name += " (" + strings.Join(kinds, ", ") + ")"
	}
	return name
}

// trigger is what moved a leg, empty if that cannot be told.
func (k *worker) trigger(was, op *payment.Operation, from, leg *payment.Leg) payment.Trigger {
	var may []payment.Trigger
	for _, t := range payment.Transitions {
		if t.From == from.State && t.To == leg.State && (len(t.Kinds) == 0 || slices.Contains(t.Kinds, op.Kind)) {
			may = append(may, t.On)
		}
	}
	among := func(on ...payment.Trigger) payment.Trigger {
		for _, x := range on {
			if slices.Contains(may, x) {
				return x
			}
		}
		return ""
	}
	switch {
	case from.State == leg.State: // sending stays sending: only a browser's return is a row of the table
		if was != nil && len(op.Page.Returned) > len(was.Page.Returned) {
			return payment.TriggerReturned
		}
		return ""
	case len(may) < 2:
		return among(may...)
	case from.State == payment.StateReserved && op.UpdatedAt.Before(op.DeadlineAt):
		return among(payment.TriggerStopped)
	case was != nil && was.Resolution == nil && op.Resolution != nil:
		return among(payment.TriggerResolvedDone, payment.TriggerResolvedNotDone, payment.TriggerResolvedExpired)
	case k.answer != nil && k.answer.Call.OperationID == op.ID && k.answer.Call.Attempt == from.Attempt:
		return among(answerTriggers[k.answer.Verdict]...)
	case leg.Failure != nil && slices.Contains([]string{"no-answer", "not-confirmed", "not-approved"}, leg.Failure.Reason) && among(payment.TriggerDue) != "":
		return payment.TriggerDue
	case k.returns:
		return among(payment.TriggerReturned)
	case k.read != nil && !k.read.Listed && k.read.PaymentID == "":
		return among(payment.TriggerAbsent, payment.TriggerDue)
	case k.read != nil && from.State != payment.StateUnknown && !leg.Seen && among(payment.TriggerSeen, payment.TriggerConflicting) != "" &&
		leg.State == payment.StateNeedsReview:
		return among(payment.TriggerConflicting)
	case k.read != nil:
		return among(payment.TriggerSeen, payment.TriggerConflicting, payment.TriggerAbsent)
	}
	return among(payment.TriggerDue)
}

var answerTriggers = map[payment.Verdict][]payment.Trigger{
	payment.VerdictSucceeded: {payment.TriggerOK},
	payment.VerdictRejected:  {payment.TriggerRefused},
	payment.VerdictNotSent:   {payment.TriggerNotSent, payment.TriggerPostponed},
	payment.VerdictOpened:    {payment.TriggerOpened, payment.TriggerOpenedReturned, payment.TriggerTokenLost},
	payment.VerdictInReview:  {payment.TriggerReview},
	payment.VerdictUnknown:   {payment.TriggerLost, payment.TriggerTokenLost},
}

// sawNew counts what was accepted.
func (w *world) sawNew(op *payment.Operation) {
	name := string(op.Kind)
	switch {
	case op.Refusal != nil:
		name += " refused by a rule and recorded"
	case op.Kind == payment.KindReversal && op.Legs[0].API == payment.APICancel:
		name += " by a cancel"
	case op.Kind == payment.KindReversal:
		name += " by refunds"
	case op.Kind != payment.KindRefund:
	case op.Legs[0].API == payment.APIRefundV2:
		name += " by Refund v2"
	case op.ChargedTo != "":
		name += " charged to the merchant"
	case len(op.Legs) > 1:
		name += " of several legs"
	default:
		name += " of one leg"
	}
	if op.Restored {
		w.saw(sawCaller, "a forgotten operation is found in the report")
	}
	w.saw(sawRequest, name)
}

// table is all that was counted, for people.
func (c coverage) table() string {
	var b strings.Builder
	group := ""
	for _, s := range slices.SortedFunc(maps.Keys(c), func(x, y situation) int {
		return cmp.Or(cmp.Compare(x.group, y.group), cmp.Compare(x.name, y.name))
	}) {
		if s.group != group {
			group = s.group
			fmt.Fprintf(&b, "\n%s:", group)
		}
		fmt.Fprintf(&b, "\n%10d  %s", c[s], s.name)
	}
	return b.String()
}
