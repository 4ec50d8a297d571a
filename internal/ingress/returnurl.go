package ingress

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
)

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
