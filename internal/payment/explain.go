package payment

// errorView shows why the operation did not succeed, or is not known to have: the first leg that has something to say, or
// the rule that refused. Every status but succeeded and processing has one, and it always says something.
func (o *Operation) errorView() *ErrorView {
	status := o.Status()
	if o.Refusal != nil {
		return explained(status, &ErrorView{string(o.Refusal.Code), o.Refusal.Message})
	}
	if status == StatusSucceeded || status == StatusProcessing {
		return nil
	}
	if status == StatusPartiallySucceeded && o.wentAsFarAsItCould() {
		return &ErrorView{ReasonRestNotRefundable, "all that iyzico lets this merchant refund was refunded; unrefundableAmount, below one unit on each line, is left " +
			"and cannot be asked for: do not ask again"}
	}
	failure := o.FirstFailure()
	if failure == nil {
		return explained(status, nil)
	}
	view := &ErrorView{failure.Code, failure.Message}
	if failure.Code == "" {
		view.Code = failure.Reason
	}
	return explained(status, view)
}

// wentAsFarAsItCould tells whether every leg but a Refund v2 that iyzico does not offer succeeded.
func (o *Operation) wentAsFarAsItCould() bool {
	return o.fellBack() && o.count(StateSucceeded) == len(o.Legs)-1
}

// statusAdvice says of each status what happened to the money and what to do now. Nothing here may be read as a call to pay
// twice.
var statusAdvice = map[Status]ErrorView{
	StatusPartiallySucceeded: {"partially-succeeded", "a part moved and the rest did not; legs names the parts. " +
		"What is missing can be asked for with a new key and the missing amount"},
	StatusRejected:         {"rejected", "it was refused and no money moved. If the money is still to move, correct what was refused and ask with a new key"},
	StatusNotSent:          {"not-sent", "nothing was sent and no money moved. The same request with the same key asks afresh"},
	StatusUnknown:          {"unknown", "the answer was lost: the money may or may not have moved. It is being found out; wait, read again, and do not ask with a new key"},
	StatusNotExecuted:      {"not-executed", "it is proved that no money moved. If the money is still to move, ask with a new key"},
	StatusNeedsReview:      {"needs-review", "a person must compare this with iyzico. The amount stays reserved; do not ask with a new key"},
	StatusExpired:          {"expired", "a person recorded that the customer did not take it. If the money is still to move, ask with a new key"},
	StatusAwaitingCustomer: {"awaiting-customer", "the customer has not confirmed yet. Wait, and do not ask with a new key"},
	StatusAwaitingMerchant: {"awaiting-merchant", "the refund waits for approval in iyzico's panel. Do not ask with a new key"},
	StatusInReview:         {"in-review", "iyzico's fraud filter is looking at the payment. Wait, and do not ask with a new key"},
}

// Advice says in one sentence what happened to the money of an operation of this status and what to do now; empty for
// succeeded and processing, which need no advice.
func (s Status) Advice() string { return statusAdvice[s].Message }

// explained completes what is said of a status, so that no code stands without words and no words without a code.
func explained(status Status, view *ErrorView) *ErrorView {
	usual := statusAdvice[status]
	if view == nil && (status == StatusAwaitingCustomer || status == StatusAwaitingMerchant || status == StatusInReview) {
		return nil // nothing is wrong
	}
	if view == nil {
		return &usual
	}
	if view.Code == "" {
		view.Code = usual.Code
	}
	if view.Message == "" {
		view.Message = usual.Message
	}
	return view
}
