package payment

// Kind is what an operation moves.
type Kind string

// The kinds of operation, as they appear in the API and in event names.
const (
	KindRefund        Kind = "refund"
	KindBalanceRefund Kind = "balance_refund"
	KindCancel        Kind = "cancel"
	KindFundPayment   Kind = "fund_payment"
)

// Kinds lists every kind of operation.
func Kinds() []Kind { return []Kind{KindRefund, KindBalanceRefund, KindCancel, KindFundPayment} }

// API names the iyzico call that one leg makes.
type API string

// The iyzico calls that move money (reference §2.3 to §2.5, §3, §4.1).
const (
	APIRefund      API = "refund"       // POST /payment/refund: one line
	APIRefundV2    API = "refund_v2"    // POST /v2/payment/refund: iyzico chooses the line
	APICancel      API = "cancel"       // POST /payment/cancel: the whole payment
	APIBalanceInit API = "balance_init" // POST /payment/refund-to-balance/init
	APIFund        API = "fund"         // POST …/third-party-session/checkout/auth
)

// Destination is where a refund goes.
type Destination string

// The destinations of a refund.
const (
	ToCard    Destination = "card"
	ToBalance Destination = "balance"
)

// Allocation says how an amount without a line spreads over a payment's lines.
type Allocation string

// The allocations. AllocateByIyzico is Refund v2, which iyzico's documents call unsuitable for several products
// (seed 002), so it is never chosen silently.
const (
	AllocateNone         Allocation = ""
	AllocateProportional Allocation = "proportional"
	AllocateInOrder      Allocation = "in_order"
	AllocateByIyzico     Allocation = "iyzico"
)
