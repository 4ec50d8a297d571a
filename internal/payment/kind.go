package payment

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what an operation moves.
type Kind string

// The kinds of operation, as they appear in the API and in event names.
const (
	KindRefund        Kind = "refund"
	KindBalanceRefund Kind = "balance_refund"
	KindCancel        Kind = "cancel"
	KindReversal      Kind = "reversal"
	KindFundPayment   Kind = "fund_payment"
)

// kindSpec is everything that tells one kind of operation from another.
type kindSpec struct {
	kind   Kind
	prefix string // of its operations' ids
	path   string // where the API shows one, before the id
	apis   []API  // the calls that its legs may make
	// ownAccount: each operation is an account of its own, and not part of a payment's.
	ownAccount bool
	// absenceProves: enough reads that show nothing of an attempt prove that it moved nothing.
	absenceProves bool
	// leaves: its money leaves the merchant, so the merchant's own limits count it.
	leaves bool
	// folds: what became of it can be kept as one line of history once it is settled for good.
	folds bool
	// noun, does and did are its words in answers: "a cancel", "to cancel 10.00 TRY", "cancelled 10.00 TRY".
	noun, does, did string
	// rules are what must hold on the payment before it is sent, and which calls it makes.
	rules kindRules
}

// kindRules are the rules of one kind.
type kindRules interface {
	// guard applies the rules that do not depend on amounts.
	guard(a *Account, now time.Time) error
	// plan turns a command into legs that fit what is refundable now (I4), or says which rule refuses it.
	plan(a *Account, c Command, now time.Time) ([]Leg, error)
}

// kindTable is the one table of kinds. Whatever depends on the kind looks here, so a kind without a row is refused, and never
// taken for another one.
var kindTable = []kindSpec{
	{KindRefund, "rf_", "/refunds/", []API{APIRefund, APIRefundV2, APIRefundChargedToMerchant}, false, true, true, true, "refund", "refund", "refunded", refundRules{}},
	{KindBalanceRefund, "rf_", "/refunds/", []API{APIBalanceInit}, false, false, true, false, "refund", "refund", "refunded", balanceRules{}},
	{KindCancel, "cn_", "/cancels/", []API{APICancel}, false, true, true, true, "cancel", "cancel", "cancelled", cancelRules{}},
	{KindReversal, "rv_", "/reversals/", []API{APICancel, APIRefund, APIRefundV2}, false, true, true, true, "reversal", "give back", "gave back", reversalRules{}},
	{KindFundPayment, "fp_", "/fund-payments/", []API{APIFund}, true, false, false, false, "payment", "take", "took", fundRules{}},
}

// Kinds lists every kind.
func Kinds() []Kind { return kindsThat(func(kindSpec) bool { return true }) }

// Known tells whether the kind is one of Kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Path is where the API shows an operation of this kind, up to its id: "/refunds/". It panics for an unknown kind.
func (k Kind) Path() string { return k.spec().path }

// spec is the kind's row. An unknown kind cannot come from a caller or from a store, for both refuse it: it is a broken
// invariant.
func (k Kind) spec() *kindSpec {
	for i := range kindTable {
		if kindTable[i].kind == k {
			return &kindTable[i]
		}
	}
	panic(fmt.Sprintf("payment: the kind %q has no row in the table of kinds", string(k)))
}

func kindsThat(match func(kindSpec) bool) []Kind {
	var kinds []Kind
	for _, row := range kindTable {
		if match(row) {
			kinds = append(kinds, row.kind)
		}
	}
	return kinds
}

// API names the iyzico call that one leg makes.
type API string

// The iyzico calls that move money.
const (
	APIRefund      API = "refund"       // POST /payment/refund: one line
	APIRefundV2    API = "refund_v2"    // POST /v2/payment/refund: iyzico chooses the line
	APICancel      API = "cancel"       // POST /payment/cancel: the whole payment
	APIBalanceInit API = "balance_init" // POST /payment/refund-to-balance/init
	APIFund        API = "fund"         // POST …/third-party-session/checkout/auth
	// APIRefundChargedToMerchant is POST /payment/iyzipos/refund/merchant/charge: one line, and the marketplace pays instead of
	// the seller.
	APIRefundChargedToMerchant API = "refund_charged_to_merchant"
)

// whole tells whether the leg takes the payment as one: nothing else may run beside it.
func (l *Leg) whole() bool { return l.API == APICancel || l.API == APIBalanceInit }

// ofOneLine tells whether the call refunds the line that it names.
func (api API) ofOneLine() bool { return api == APIRefund || api == APIRefundChargedToMerchant }

// silenceProves tells whether iyzico documents that its report lists what the call did under the call's own id. Only then do
// enough reads that show nothing of an attempt prove that it moved nothing, where the kind lets absence prove anything at all.
// No source says so of a refund charged to the merchant (docs/iyzico.md §5.5).
func (api API) silenceProves() bool { return api != APIRefundChargedToMerchant }

// Destination is where a refund goes.
type Destination string

// The destinations of a refund.
const (
	ToCard    Destination = "card"
	ToBalance Destination = "balance"
)

// ChargedTo is whom iyzico makes pay for a refund. Empty = as iyzico does by itself: the seller, on a marketplace.
type ChargedTo string

// ChargedToMerchant is the marketplace itself.
const ChargedToMerchant ChargedTo = "merchant"

// Allocation says how an amount without a line spreads over a payment's lines.
type Allocation string

// The allocations. AllocateByIyzico is Refund v2, which iyzico's documents call unsuitable for several products, so it is
// never chosen silently for a part of what is left.
const (
	AllocateNone         Allocation = ""
	AllocateProportional Allocation = "proportional"
	AllocateInOrder      Allocation = "in_order"
	AllocateByIyzico     Allocation = "iyzico"
)
