package iyzicotest

// The session family around a payment from a balance (docs/iyzico.md §4). None of its answers is signed.

// sessionPayment gives the newest payment of a checkout form's session, with the session's secrets.
func (s *Server) sessionPayment(c *call) answer {
	if refusal := c.body.require("checkoutFormToken"); refusal != nil {
		return s.failure(c, refusal)
	}
	token := c.body.text("checkoutFormToken")
	found, err := s.ledger.SessionByCheckout(token)
	if err != nil {
		return s.fail(c, err)
	}
	p, ok := s.ledger.Payment(found.LastPaymentID)
	if !ok {
		return s.failure(c, refuse(CodeNoPaymentForToken))
	}
	o := append(s.envelope(c, "success"), paymentFields(p, number(p.ID))...)
	o = append(o, object{
		{"token", token}, {"paymentStatus", statusText(p)},
		{"sessionToken", found.SessionToken}, {"memberIdentifier", found.MemberIdentifier},
	}...)
	return answer{body: o}
}

// sessionState tells whether a session is active.
func (s *Server) sessionState(c *call) answer {
	if refusal := c.body.require("checkoutFormToken", "paymentId"); refusal != nil {
		return s.failure(c, refusal)
	}
	found, err := s.ledger.SessionByCheckout(c.body.text("checkoutFormToken"))
	if err != nil {
		return s.fail(c, err)
	}
	p, ok := s.ledger.Payment(c.body.text("paymentId"))
	if !ok || p.SessionToken != found.SessionToken {
		return s.failure(c, refuse(CodeUnknownPayment))
	}
	status := "PASSIVE"
	if found.Active {
		status = "ACTIVE"
	}
	o := append(s.envelope(c, "success"), object{
		{"sessionToken", found.SessionToken}, {"memberIdentifier", found.MemberIdentifier},
		{"sessionStatus", status}, {"paymentType", found.PaymentType},
	}...)
	return answer{body: o}
}

func (s *Server) sessionAccessToken(c *call) answer {
	if refusal := c.body.require("sessionToken", "memberIdentifier"); refusal != nil {
		return s.failure(c, refusal)
	}
	token, err := s.ledger.AccessToken(c.body.text("sessionToken"), c.body.text("memberIdentifier"))
	if err != nil {
		return s.fail(c, err)
	}
	return answer{body: append(s.envelope(c, "success"), object{{"accessToken", token}}...)}
}

// sessionLastPayment gives the session's payment type, and its newest payment if there is one.
func (s *Server) sessionLastPayment(c *call) answer {
	if refusal := c.body.require("sessionToken", "memberIdentifier"); refusal != nil {
		return s.failure(c, refusal)
	}
	found, paymentID, err := s.ledger.LastPayment(
		c.body.text("sessionToken"), c.body.text("memberIdentifier"), c.accessToken)
	if err != nil {
		return s.fail(c, err)
	}
	o := append(s.envelope(c, "success"), object{
		{"paymentType", found.PaymentType}, {"sessionToken", found.SessionToken}, {"token", found.CheckoutToken},
	}...)
	if paymentID != "" {
		o.add("paymentId", number(paymentID))
	}
	return answer{body: o}
}

func (s *Server) sessionEnd(c *call) answer {
	if refusal := c.body.require("sessionToken", "memberIdentifier"); refusal != nil {
		return s.failure(c, refusal)
	}
	if err := s.ledger.InvalidateSession(c.body.text("sessionToken"), c.body.text("memberIdentifier")); err != nil {
		return s.fail(c, err)
	}
	return answer{body: s.envelope(c, "success")}
}
