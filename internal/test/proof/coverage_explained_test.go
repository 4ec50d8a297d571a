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
	{"Command.Fingerprint", `panic("payment: a command of plain strings did not marshal: " + err.Error())`, plainText},
	{"FundOrder.canonical", `panic("payment: an order of plain strings did not marshal: " + err.Error())`, plainText},
	{"Rules.mark", "return nil", "every caller has just made a reserved leg or seen one"},
	{"Rules.review", "return false", "the table of transitions has a row for each state and trigger that its callers give it"},
	{
		"Account.decide", `return "a " + string(op.Kind) + " that is " + string(leg.State) + " cannot be recorded as " + string(e.Decision)`,
		"the table of transitions has a row for each state that resolvable lets in; the line refuses rather than records should a new state lack one",
	},
}
