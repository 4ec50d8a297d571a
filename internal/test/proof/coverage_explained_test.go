package proof_test

// explanation says why no test runs a block of what decides.
type explanation struct {
	function string
	line     string // the block's first statement
	why      string
}

// The reasons that come more than once.
const (
	endOfSwitch = "the switch above names every value, which a linter holds it to; the compiler wants a return after it"
	plainText   = "texts, numbers and flags always marshal: the panic is the word for a broken invariant"
)

// explained is the whole list.
var explained = []explanation{
	{"Status.Unfinished", "return false", endOfSwitch},
	{"State.holds", "return false", endOfSwitch},
	{"Operation.resolvable", "return false", endOfSwitch},
	{"recorded", "return false", "accept refuses with the codes of the first case alone, so the second is there for the linter that wants every code named; " + endOfSwitch},
	{"FundOrder.canonical", `panic("payment: an order of plain strings did not marshal: " + err.Error())`, plainText},
	{"Rules.mark", "return nil", "every caller has just made a reserved leg or seen one"},
	{"Rules.review", "return false", "the table of transitions has a row for each state and trigger that its callers give it"},
	{"Command.hash", `panic("payment: a command of plain strings did not marshal: " + err.Error())`, plainText},
	{"EffectOf", "return EffectNone", "AllEvidence names every evidence, which TestTheEvidenceInTheDocsIsTheTable holds; the compiler wants a return after it"},
	{"Rules.listed", "return", "no day is asked for a fund payment, so no list comes for its account"},
	{"Rules.listedAs", "r.awaitRest(op, leg, now, now)", "a list of which a split refund's rows are there in part: read a moment later it has them all"},
	{"Rules.listedAs", "r.doubt(op, leg, now)", "rows carry no status where they were seen, so a row of ours is done or wrong, and doubt comes from reports"},
	{"Rules.concludeAbsence", "r.notCounted(a, op, leg, now)", "a failed attempt that the day list shows: its rows carry no status where they were seen"},
	{"Account.foreignRow", "return true", "a cancel in the panel beside an open attempt is contradicted by the report before the list is read"},
	{
		"Account.assumedRow", "return p.LineID == row.LineID && near(p.Amount, row.Amount) })",
		"a split refund that succeeded, in a list without any ids, while another attempt is open",
	},
	{"cancels", "return 1", "after a cancel no attempt is open on the payment, so no list is read for it; the number holds if one ever is"},
	{"Account.defect", `return "the report does not list the payment"`, "observe asks first; the line holds should somebody else ask"},
	{"Report.hides", "return false", "trust asks only of reports that list the payment; the line holds should somebody else ask"},
	{"Account.refuse", "return full", "there is room for a refusal wherever there is room for what it refuses; the refusal is then told and not kept"},
	{"Rules.mark", "continue", "every leg that is looked at is reserved, and the table of transitions has a row for it"},
	{"storedJSON.json", "w.err = err", plainText},
	{"Account.admit", "return *a, nil, err", "encoding a sound account fails only where memory is short"},
	{"Leg.bound", "return ' '", "iyzico's message comes from JSON, whose control characters the client replaces first; here they are replaced once more"},
	{"Rules.judge", "return", "fund payments are judged by observeFund; no payment's account holds such a leg"},
	{"Rules.settleSeen", "return", "the table of transitions has a row for each state with this effect but those that only a person ends, and a refund to balance beside another operation there"},
	{"Leg.mayHavePut", "return false", "refunds to balance and fund payments are judged by their own functions; and " + endOfSwitch},
	{
		"Account.decide", `return "a " + string(op.Kind) + " that is " + string(leg.State) + " cannot be recorded as " + string(e.Decision)`,
		"the table of transitions has a row for each state that resolvable lets in; the line refuses rather than records should a new state lack one",
	},
}
