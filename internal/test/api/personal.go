package api

import (
	"bytes"
	"testing"
)

// personalData plants data that must go to iyzico and nowhere else, and looks for it in everything that iade answers and
// writes (I9).
func personalData(t *testing.T, target Target) {
	c := start(t, target, Options{Marketplace: true, MaxRefundAmountPerDay: "100000", MaxRefundsPerHour: 1000})
	const (
		description = "canary-description Ayşe Yılmaz"
		ip          = "203.0.113.77"
		unknown     = "canary-unknown-member"
		reference   = "canary-reference"
	)
	members := `"reason":"OTHER","description":"` + description + `","ip":"` + ip + `","reference":"` + reference + `"`
	p, q := c.fake.add(t, payment{}), c.fake.add(t, payment{})
	refund := func(key, members string) answer {
		return c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`",`+members+`}`)
	}
	done := refund("done", `"amount":"10",`+members)
	if done.Status != created || done.text("reference") != reference {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	refund("done", `"amount":"10",`+members)
	refund("done", `"amount":"11",`+members)
	refund("above", `"amount":"500",`+members)
	refund("invalid", `"amount":"-1","`+unknown+`":"`+description+`",`+members)
	refund("broken", `"amount":"1",`+members+`,`)
	for _, mode := range []string{"reset-after", "status-500-after", "refuse", "refuse-after", "truncated-after", "wrong-echo"} {
		c.fake.script(t, fault{Path: refundPath, Mode: mode, Times: 1})
		a := refund(mode, `"amount":"1",`+members)
		c.get(t, resourcePath(a.operationID()))
		c.check(t, a.operationID())
	}
	charged := c.fake.add(t, payment{})
	onCharged := func(key string) answer {
		return c.post(t, "/refunds", key, `{"paymentId":"`+charged.id+`","amount":"1","chargedTo":"merchant",`+members+`}`)
	}
	onCharged("charged")
	c.fake.script(t, fault{Path: chargePath, Mode: "wrong-echo", Times: 1})
	lost := onCharged("charged-lost")
	if c.check(t, lost.operationID()); lost.Status != accepted {
		t.Errorf("%d %s", lost.Status, lost.Body)
	}
	c.fake.script(t, fault{Path: reportPath, Mode: "html-502", Times: 0})
	refund("unreadable", `"full":true,`+members)
	c.fake.clear(t)
	if a := c.post(t, "/cancels", "key", `{"paymentId":"`+q.id+`",`+members+`}`); a.Status != created {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	reversed := c.fake.add(t, payment{})
	c.fake.script(t, fault{Path: cancelPath, Mode: "refuse", Times: 1})
	if a := c.post(t, "/reversals", "key", `{"paymentId":"`+reversed.id+`",`+members+`}`); a.Status != created || a.text("legs.#") != "2" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	canaries := append(append(personalFunds(t, c), personalNotices(t, c)...), "canary-description", "Ayşe", "Yılmaz", ip)
	c.get(t, "/payments/"+p.id)
	c.get(t, "/operations")

	traces := []Trace{{"answers", bytes.Join(c.answers, []byte("\n"))}}
	if c.Traces == nil {
		t.Log("this target cannot show its store, log and events")
	} else {
		traces = append(traces, c.Traces(t)...)
	}
	for _, trace := range traces {
		if len(trace.Data) == 0 {
			t.Errorf("%s: nothing to look into", trace.Name)
		}
		if token := accessTokenForm.Find(trace.Data); token != nil {
			t.Errorf("%s hold an access token", trace.Name)
		}
		for _, canary := range append(canaries, c.Secrets...) {
			if i := bytes.Index(trace.Data, []byte(canary)); i >= 0 {
				t.Errorf("%s hold %q: …%s…", trace.Name, canary, trace.Data[max(0, i-100):min(len(trace.Data), i+100)])
			}
		}
	}
}
