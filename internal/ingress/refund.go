package ingress

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// The longest texts that a command may carry, in characters. iyzico documents no limit for a description (docs/iyzico.md
// §2.3); ours only bounds it.
const (
	maxReason      = 20
	maxReference   = 100
	maxDescription = 500
	maxReturnURL   = 2000
)

// reasons are iyzico's words for why money goes back (docs/iyzico.md §2.3).
func reasons() []string { return []string{"OTHER", "FRAUD", "BUYER_REQUEST", "DOUBLE_PAYMENT"} }

// readRefund reads the body of POST /refunds. Members that exclude each other are checked here, because
// that is form: no payment has to be known for it. The command is of use only if no fault was added.
func readRefund(f *form) payment.Command {
	cmd := payment.Command{Kind: payment.KindRefund, Destination: payment.ToCard}
	cmd.PaymentID = f.needed("paymentId", iyzicoIDRule, payment.ValidIyzicoID)
	cmd.LineID, _ = f.text("paymentTransactionId", iyzicoIDRule, payment.ValidIyzicoID)
	cmd.Amount = f.amount("amount")
	cmd.Full = f.flag("full")
	cmd.Currency = oneOf(f, "currency", money.Currencies()...)
	cmd.Amount = money.New(cmd.Amount.Decimal(), cmd.Currency)
	if destination := oneOf(f, "destination", payment.ToCard, payment.ToBalance); destination != "" {
		cmd.Destination = destination
	}
	cmd.Allocation = oneOf(f, "allocation", payment.AllocateProportional, payment.AllocateInOrder, payment.AllocateByIyzico)
	cmd.ChargedTo = oneOf(f, "chargedTo", payment.ChargedToMerchant)
	readCommon(f, &cmd)
	cmd.ReturnURL, _ = f.text("returnUrl", returnURLRule, validReturnURL)
	if cmd.Destination == payment.ToBalance {
		cmd.Kind = payment.KindBalanceRefund
		checkBalanceMembers(f, cmd)
	} else {
		checkCardMembers(f, cmd)
	}
	return cmd
}

// readWhole reads the body of POST /cancels and POST /reversals, which are about a whole payment.
func readWhole(f *form, kind payment.Kind) payment.Command {
	cmd := payment.Command{Kind: kind}
	cmd.PaymentID = f.needed("paymentId", iyzicoIDRule, payment.ValidIyzicoID)
	readCommon(f, &cmd)
	return cmd
}

// readCommon reads what refunds, cancels and reversals share.
func readCommon(f *form, cmd *payment.Command) {
	reason, _ := f.text("reason", oneOfRule(reasons())+", in any case", func(s string) bool {
		return visibleASCII(s, maxReason) && slices.Contains(reasons(), strings.ToUpper(s))
	})
	cmd.Reason = strings.ToUpper(reason)
	cmd.Description = f.prose("description", maxDescription)
	if cmd.Description != "" && !f.has("reason") {
		f.fault("description", "needs a reason beside it")
	}
	cmd.IP, _ = f.text("ip", "must be an IPv4 or IPv6 address without zone", validIP)
	cmd.Locale = "tr"
	if locale := oneOf(f, "locale", "tr", "en"); locale != "" {
		cmd.Locale = locale
		if cmd.Destination == payment.ToBalance {
			cmd.PageLocale = locale
		}
	}
	cmd.Reference = f.prose("reference", maxReference)
}

// amount reads an amount, written as a string or as a number, from the very characters that were sent.
func (f *form) amount(name string) money.Amount {
	n := f.ask(name)
	if n == nil {
		return money.Amount{}
	}
	if n.kind != textNode && n.kind != numberNode {
		f.fault(name, `must be an amount, as a string or a number: "10.50" or 10.50`)
		return money.Amount{}
	}
	amount, err := money.Parse(n.text, "")
	if err != nil {
		f.fault(name, err.Error())
	}
	return amount
}

func checkCardMembers(f *form, cmd payment.Command) {
	switch amount := f.has("amount"); {
	case amount && cmd.Full:
		f.fault("amount", "must not be given beside full: true")
	case !amount && !cmd.Full:
		f.fault("amount", "is needed, or full: true")
	}
	if f.has("chargedTo") && f.has("allocation") {
		f.fault("chargedTo", "must not be given beside allocation: a refund charged to the merchant is of one line")
	}
	if f.has("allocation") {
		if !f.has("amount") {
			f.fault("allocation", "must be given with an amount only")
		}
		if f.has("paymentTransactionId") {
			f.fault("allocation", "must not be given beside paymentTransactionId")
		}
	}
	if f.has("returnUrl") {
		f.fault("returnUrl", "must be given with destination balance only")
	}
}

// checkBalanceMembers refuses what a refund to balance cannot take: it moves the whole payment.
func checkBalanceMembers(f *form, cmd payment.Command) {
	const rule = "must not be given with destination balance, which moves the whole payment"
	for _, name := range []string{"amount", "paymentTransactionId", "allocation"} {
		if f.has(name) {
			f.fault(name, rule)
		}
	}
	if cmd.Full {
		f.fault("full", rule)
	}
	if f.has("chargedTo") {
		f.fault("chargedTo", "must not be given with destination balance: a refund charged to the merchant goes to the card")
	}
}

func validIP(s string) bool {
	address, err := netip.ParseAddr(s)
	return err == nil && address.Zone() == ""
}

const returnURLRule = "must be an absolute https URL of at most 2000 characters (http for a loopback address only)"

// validReturnURL checks the form alone; whether the origin is one of the merchant's is checked where that is known.
func validReturnURL(s string) bool {
	if !visibleASCII(s, maxReturnURL) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// balanceNotSetUp answers a refund to balance where no browser could come back: a browser needs an address, and the address
// a key.
func balanceNotSetUp() Response {
	return newProblem(codeNotImplemented, "Refunds to balance are not set up here: PUBLIC_BASE_URL and the callback's key "+
		"(CALLBACK_STATE_SECRET_ARN or CALLBACK_STATE_KEY) are needed. Nothing was stored and nothing was sent.").response()
}

// checkReturnURL refuses a returnUrl of an origin that the merchant did not list.
func (a *API) checkReturnURL(cmd payment.Command, f *faults) {
	if cmd.Kind == payment.KindBalanceRefund && cmd.ReturnURL != "" && !a.mayReturnTo(cmd.ReturnURL) {
		f.add("returnUrl", "must begin with one of the origins in RETURN_URL_ORIGINS, letter by letter")
	}
}

// mayReturnTo tells whether a URL is of one of the merchant's origins. The texts are compared, not what some parser makes
// of them: after the origin only a path, a query or a fragment may follow, so that no user name, port, dot or backslash
// leads elsewhere.
func (a *API) mayReturnTo(returnURL string) bool {
	if !validReturnURL(returnURL) {
		return false
	}
	return slices.ContainsFunc(a.ReturnOrigins, func(origin string) bool {
		rest, ok := strings.CutPrefix(returnURL, origin)
		return ok && origin != "" && (rest == "" || strings.ContainsAny(rest[:1], "/?#"))
	})
}

// withResult appends refundId and status to a URL's query and leaves the rest of it as it is, byte for byte.
func withResult(returnURL, refundID string, status payment.Status) string {
	address, fragment, hasFragment := strings.Cut(returnURL, "#")
	switch {
	case !strings.Contains(address, "?"):
		address += "?"
	case !strings.HasSuffix(address, "?") && !strings.HasSuffix(address, "&"):
		address += "&"
	}
	address += "refundId=" + url.QueryEscape(refundID) + "&status=" + url.QueryEscape(string(status))
	if hasFragment {
		address += "#" + fragment
	}
	return address
}

// seeOther sends the browser on. The target learns nothing of where it came from.
func seeOther(location string) Response {
	header := browserHeader()
	header.Set("Location", location)
	return Response{http.StatusSeeOther, header, nil}
}
