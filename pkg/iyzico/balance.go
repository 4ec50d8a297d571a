package iyzico

import "context"

// BalanceRefundRequest asks for the page on which a customer confirms that a whole payment is refunded to their iyzico
// balance. There is no amount and no currency (docs, refund-to-balance).
type BalanceRefundRequest struct {
	// PaymentID is the payment's id, 1 to 19 digits.
	PaymentID string
	// CallbackURL is where the customer's browser comes back to: https, or http on a loopback host if the client's
	// BaseURL is one too.
	CallbackURL string
	// ConversationID is 1 to 64 visible ASCII characters. No report of iyzico is known to show it.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// BalanceRefund is a refund to balance that was prepared. No money has moved: the customer must confirm on the page, then
// the merchant must approve in iyzico's panel.
type BalanceRefund struct {
	Envelope
	// Token comes back to the callback URL. Whoever knows it can claim to be the customer's browser.
	Token Secret
	// URL is where to send the customer's browser. It may contain the token.
	URL string
}

type wireBalanceRefundRequest struct {
	Locale         string `json:"locale"`
	ConversationID string `json:"conversationId"`
	PaymentID      string `json:"paymentId"`
	CallbackURL    string `json:"callbackUrl"`
}

type wireBalanceRefund struct {
	wireAnswer
	Token token `json:"token"`
	URL   token `json:"url"`
}

// InitBalanceRefund prepares a refund to balance. It sends one request at most. It moves no money by itself, and nobody can
// confirm a page whose url was lost. A success is only returned with a token and an https url (http on a loopback host if
// the BaseURL is one too): anything else may mean that the path is another operation's, see WithBalanceRefundPath.
func (c *Client) InitBalanceRefund(ctx context.Context, req BalanceRefundRequest) (*BalanceRefund, error) {
	r := move(c.opts.balanceRefundPath, req.ConversationID, req.Locale)
	r.expect = echo{paymentID: req.PaymentID}
	r.id("paymentId", req.PaymentID)
	r.callbackURL("callbackUrl", req.CallbackURL, c.loopback)
	r.payload = &wireBalanceRefundRequest{
		Locale:         localeOrDefault(req.Locale),
		ConversationID: req.ConversationID,
		PaymentID:      req.PaymentID,
		CallbackURL:    req.CallbackURL,
	}
	return perform(ctx, c, r, func(s *success, wire *wireBalanceRefund) BalanceRefund {
		if wire.PaymentID.present {
			s.echoes("paymentId", wire.PaymentID, req.PaymentID)
		}
		if token := wire.Token.text; token == "" || len(token) > maxTextLen || !isVisibleASCII(token) {
			s.reject(ReasonNotStarted, "token")
		}
		if target := wire.URL.text; len(target) > 2048 || !isSecureURL(target, c.loopback) {
			s.reject(ReasonNotStarted, "url")
		}
		return BalanceRefund{Token: Secret(wire.Token.text), URL: wire.URL.text}
	})
}
