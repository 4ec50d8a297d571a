package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/iade/iade/internal/words"
)

// waitingStatuses wait for a person, or end by a person's decision where nobody else ends them.
const waitingStatuses = "needs_review,awaiting_merchant,awaiting_customer"

// waiting lists what waits for a person.
func (c *Console) waiting(v *visit) {
	query := url.Values{"status": {waitingStatuses}, "limit": {"50"}}
	if cursor := v.r.URL.Query().Get("cursor"); cursor != "" {
		query.Set("cursor", cursor)
	}
	var list Operations
	if err := c.get(v.ctx, "/operations?"+query.Encode(), &list); err != nil {
		c.refuse(v, err)
		return
	}
	c.show(v, http.StatusOK, "waiting", words.Text{"Waiting for a person", "Karar bekleyenler"}.In(v.lang), list)
}

// decidePage is an operation with its evidence beside the decision.
type decidePage struct {
	Story    *story
	Payment  *Payment // nil where it could not be read
	Decision string
	Reason   string
	By       string
	Refused  *Refusal
}

// evidence reads what a decision rests on.
func (c *Console) evidence(v *visit) (*decidePage, error) {
	page := &decidePage{Story: &story{}}
	path := words.PathOf(v.r.PathValue("operation"))
	if path == "" {
		return nil, &Refusal{Status: http.StatusNotFound, Type: words.ProblemPrefix + "not-found"}
	}
	if err := c.get(v.ctx, path, &page.Story.Operation); err != nil {
		return nil, err
	}
	if err := page.Story.tell(v, c, changesShown); err != nil {
		return nil, err
	}
	if page.Story.PaymentID == "" {
		return page, nil
	}
	var p Payment
	if err := c.get(v.ctx, "/payments/"+url.PathEscape(page.Story.PaymentID), &p); err == nil {
		p.OtherMovements, _ = atMost(p.OtherMovements, movementsShown)
		page.Payment = &p
	}
	return page, nil
}

// decide draws the form beside the evidence.
func (c *Console) decide(v *visit) {
	page, err := c.evidence(v)
	if err != nil {
		c.refuse(v, err)
		return
	}
	c.showDecide(v, http.StatusOK, page)
}

func (c *Console) showDecide(v *visit, status int, page *decidePage) {
	c.show(v, status, "decide", words.Text{"Decide", "Karar"}.In(v.lang)+" "+words.Plain(page.Story.ID), page)
}

// decideNow records a person's decision. The API reads iyzico's report first, and refuses what contradicts it.
func (c *Console) decideNow(v *visit) {
	form := v.r.PostForm
	decision := struct {
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		By       string `json:"by"`
	}{form.Get("decision"), strings.TrimSpace(form.Get("reason")), strings.TrimSpace(form.Get("by"))}
	id := v.r.PathValue("operation")
	if words.PathOf(id) == "" {
		c.nothing(v)
		return
	}
	_, err := c.do(v.ctx, request{method: http.MethodPost, path: "/operations/" + id + "/resolution", body: decision})
	if err == nil {
		http.Redirect(v.w, v.r, Root+"operations/"+id+"?did=decided", http.StatusSeeOther)
		return
	}
	refused := asRefusal(err)
	page, err := c.evidence(v)
	if err != nil {
		c.refuse(v, err)
		return
	}
	page.Decision, page.Reason, page.By, page.Refused = decision.Decision, decision.Reason, decision.By, refused
	c.showDecide(v, refused.pageStatus(), page)
}
