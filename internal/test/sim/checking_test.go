package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Violation is a broken promise.
type Violation struct {
	Rule string // which promise, "I2: …"
	Text string
}

// checker compares what was asked, answered and published with what iyzico executed. It shares no rule with the domain:
//
//   - I1, I2: every conversation id is written to the wire at most once and executed at most once, and only for something
//     that a caller asked for; no operation moves more than was asked.
//   - I3: no attempt of a leg is written while an earlier one was executed, or may be.
//   - I4: at every moment what we moved is within what the payment shows as refunded and reserved, and iyzico never has to
//     refuse a request of ours for lack of a remainder.
//   - I5: a definite status, published or answered, is true in iyzico's books, and stays: it changes into needs_review
//     only, and only with an execution that contradicts it.
//   - I6: an answer is a status that the operation had during the call; a key of a settled operation gives that operation
//     again, and refuses another body.
//   - I7: in the end every operation is definite, or in needs_review for a cause that the world knows of and with an alarm
//     raised by who saved it, and the totals that a payment shows are iyzico's.
//   - A fund payment is charged once, settles by its conversation id and opens its payment's account; absence alone never ends
//     it as not executed.
//   - I8: every status that anybody was told was published, in sequence.
//   - Limits: what may have moved is counted at every moment, and no more is executed on a day than the merchant's own limit.
type checker struct {
	w     *world
	first *Violation
	only  string // a promise's number: violations of others are not looked at

	operations map[string]*operation
	order      []string
	wire       map[string]int       // requests written, by conversation id
	causes     map[string][]string  // why something on a payment may need review
	sequences  map[string]int64     // the last published of each payment
	unreads    int                  // reads that brought nothing
	waiting    map[string]time.Time // since when a balance refund waits, by operation id
	returned   map[string]bool      // a browser came back, by operation id
	deciding   map[string]bool      // a person decides, or decided, by operation id
	resolved   []string             // operations that a person decided
	lied       bool                 // a list of iyzico's told what is not so
	mistaken   map[string]bool      // a person said that it was not done, and it was, by operation id
	falseNoes  map[string]bool      // attempts that were said not to be done, and were
	owed       map[string]*worker   // who must raise an alarm, by operation id
	spent      spending
}

// operation is what is known from outside about one key of one payment.
type operation struct {
	id       string
	payment  string
	commands []payment.Command // every body that was asked for with the key
	by       *bool             // whether it came last by the queue
	bound    *payment.Command  // the body that a definite answer was given for
	events   []payment.Detail
	written  map[string][]payment.Call // that left for iyzico, by leg
	tooMuch  bool                      // in the end its caller was told that more was asked for than is left
	final    *payment.Resource
}

// question is a call that waits for its answer.
type question struct {
	op      *operation
	command payment.Command
	since   int // events published before the call
}

func newChecker(w *world) *checker {
	return &checker{
		w: w, operations: map[string]*operation{}, wire: map[string]int{}, causes: map[string][]string{}, sequences: map[string]int64{},
		waiting: map[string]time.Time{}, returned: map[string]bool{}, deciding: map[string]bool{}, owed: map[string]*worker{},
		mistaken: map[string]bool{}, falseNoes: map[string]bool{}, spent: spending{map[string]time.Time{}, map[string]bool{}},
	}
}

func (c *checker) ok() bool { return c.first == nil }

func (c *checker) violated(rule, id, format string, args ...any) {
	text := strings.TrimSpace(id + " " + fmt.Sprintf(format, args...))
	if c.only != "" && !strings.HasPrefix(rule, c.only+":") {
		return
	}
	c.w.log("VIOLATION", "%s: %s", rule, text)
	if c.first == nil {
		c.first = &Violation{rule, text}
	}
}

// cause notes why an operation on the payment may rightly end in needs_review.
func (c *checker) cause(paymentID, why string) {
	if !slices.Contains(c.causes[paymentID], why) {
		c.causes[paymentID] = append(c.causes[paymentID], why)
	}
}

func (c *checker) hasCause(paymentID string) bool {
	return len(c.causes[paymentID]) > 0 || c.w.plan.hideIDs || c.w.plan.untrue() || c.lied || c.w.plan.bothHide ||
		// After a day without a usable report an unknown outcome is a person's case.
		c.unreads > 0 && c.w.played >= 24*time.Hour-2*maxSkew
}

// unread notes a read that brought nothing.
func (c *checker) unread() {
	if !c.w.calm {
		c.unreads++
	}
}

// commands lists the first body of every key, in the order in which they came.
func (c *checker) commands() []payment.Command {
	var all []payment.Command
	for _, id := range c.order {
		all = append(all, c.operations[id].commands[0])
	}
	return all
}

func (c *checker) asked(command payment.Command) question {
	id := command.OperationID()
	op := c.operations[id]
	if op == nil {
		op = &operation{id: id, payment: command.PaymentID}
		c.operations[id] = op
		c.order = append(c.order, id)
		c.w.stats.Operations++
	}
	if !slices.ContainsFunc(op.commands, func(x payment.Command) bool { return c.body(x) == c.body(command) }) {
		if len(op.commands) > 0 {
			c.w.saw(sawCaller, "a key comes again with another request")
		}
		op.commands = append(op.commands, command)
	}
	return question{op, command, len(op.events)}
}

// body is what makes two requests with one key the same: what moves money, by meaning. The only line named or not, the
// payment's currency named or not, and how one line is shared out are the same request.
func (c *checker) body(x payment.Command) string {
	if x.Fund != nil {
		return fmt.Sprint(x.Fund.SessionToken, x.Fund.PaidAmount, x.Fund.PriceAmount, x.Fund.BasketItems)
	}
	p, _ := c.w.ledger.Payment(x.PaymentID)
	line, currency, allocation := x.LineID, string(x.Currency), x.Allocation
	if len(p.Lines) == 1 && allocation != payment.AllocateByIyzico && (line == "" || line == p.Lines[0].PaymentTransactionID) {
		line, allocation = p.Lines[0].PaymentTransactionID, payment.AllocateNone
	}
	if currency == "" {
		currency = p.Currency
	}
	return fmt.Sprint(x.Kind, x.PaymentID, line, x.Amount.Decimal(), x.Full, currency, allocation, x.ChargedTo)
}

func (c *checker) eventsOf(id string) int {
	if op := c.operations[id]; op != nil {
		return len(op.events)
	}
	return 0
}

// wrote is told of every request that leaves for iyzico.
func (c *checker) wrote(call payment.Call) {
	c.w.stats.Requests++
	c.wire[call.ConversationID]++
	c.spent.leftAt(call.ConversationID, c.w.clock.now)
	if n := c.wire[call.ConversationID]; n > 1 {
		c.violated("I2: an attempt is never sent again", call.ConversationID, "was written to the wire %d times", n)
	}
	op := c.operations[call.OperationID]
	if op == nil {
		c.violated("I1: only what was asked moves", call.ConversationID, "was written, and nobody asked for it")
		return
	}
	if call.API == payment.APIRefundChargedToMerchant {
		c.cause(call.PaymentID, causeCharged)
	}
	leg := strconv.Itoa(call.Leg)
	for _, earlier := range op.written[leg] {
		if c.w.plan.bothHide || c.mistaken[call.OperationID] {
			continue
		}
		if n := c.executions(call.PaymentID, earlier.ConversationID); n > 0 || c.w.late[earlier.OperationID] > 0 && call.API != payment.APIBalanceInit {
			c.violated("I3: a new attempt needs proof that the last one moved nothing", call.ConversationID,
				"was written after %s, which iyzico executed or still may", earlier.ConversationID)
		}
	}
	if op.written == nil {
		op.written = map[string][]payment.Call{}
	}
	op.written[leg] = append(op.written[leg], call)
}

// executed is told of every request that iyzico has just executed.
func (c *checker) executed(call payment.Call) {
	if n := c.executions(call.PaymentID, call.ConversationID); n > 1 {
		c.w.stats.Doubles++
		c.violated("I1: one attempt, one execution", call.ConversationID, "was executed %d times", n)
	}
}

// refused is told of a request that iyzico's money rules refused.
func (c *checker) refused(call payment.Call, r *iyzicotest.Refusal) {
	c.w.stats.Refusals++
	if call.API == payment.APIFund {
		return // what a customer's balance holds is not ours to know
	}
	if c.w.plan.failedAttempts {
		c.cause(call.PaymentID, "a refused attempt is listed")
	}
	switch r.Code {
	case iyzicotest.CodeStandardMerchantsOnly:
		return // nobody knows of a marketplace before it says so
	case iyzicotest.CodeCancelPeriodOver, iyzicotest.CodeRefundPeriodOver:
		return // the date rules are iyzico's where the payment's time can be read in two ways
	case iyzicotest.CodeExceedsRemainder:
		if c.iyzicoChose(call.PaymentID) {
			return // Refund v2 took from a line that had been promised to another refund
		}
	}
	if slices.Contains(c.causes[call.PaymentID], causePanel) || slices.Contains(c.causes[call.PaymentID], causeMistaken) || c.w.plan.untrue() || c.w.plan.bothHide {
		return
	}
	c.violated("I4: never more than is there", call.ConversationID, "iyzico had to refuse %s %s: %s", call.API, call.Amount, r.Message)
}

const causeMistaken = "a person took what was done for not done"

const causeCharged = "a refund was charged to the merchant, and iyzico need not list it"

const causePanel = "the merchant used iyzico's panel"

// iyzicoChose tells whether a Refund v2 may have gone out for the payment: then only iyzico knows the lines. It takes all of a
// payment whose lines have parts of a minor unit.
func (c *checker) iyzicoChose(paymentID string) bool {
	if c.fractional(paymentID) {
		return true
	}
	for _, op := range c.operations {
		if op.payment == paymentID && slices.ContainsFunc(op.commands, func(x payment.Command) bool { return x.Allocation == payment.AllocateByIyzico }) {
			return true
		}
	}
	return false
}

// fractional tells whether lines of the payment have parts of a minor unit.
func (c *checker) fractional(paymentID string) bool {
	p, _ := c.w.ledger.Payment(paymentID)
	return slices.ContainsFunc(p.Lines, func(l iyzicotest.Line) bool { return !l.PaidPrice.Equal(l.PaidPrice.Truncate(2)) })
}

// executions counts what iyzico did with one conversation id.
func (c *checker) executions(paymentID, conversationID string) int {
	n := 0
	for _, x := range c.w.ledger.Executions(paymentID) {
		if x.ConversationID == conversationID {
			n++
		}
	}
	return n
}

// operationOf is the operation that an execution belongs to, empty for the panel's.
func operationOf(x iyzicotest.Execution) string {
	if i := strings.LastIndexByte(x.ConversationID, '-'); i > 0 {
		return x.ConversationID[:i]
	}
	return ""
}
