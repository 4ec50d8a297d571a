package api

import (
	"fmt"
	"net/http"
	"strings"
)

const (
	badRequest = http.StatusBadRequest
	ruled      = http.StatusUnprocessableEntity
	invalid    = "invalid-request"
)

// refused is a case of one request that is wrong in form: 400, nothing sent, nothing stored.
func refused(name, path, body string, fields ...string) scenario {
	return scenario{name: name, steps: []step{{path: path, body: body, status: badRequest, slug: invalid, fields: fields}}}
}

// badRefunds are bodies of POST /refunds that are JSON objects and wrong in their members.
func badRefunds() []scenario {
	var all []scenario
	add := func(what, members string, fields ...string) {
		body := `{"paymentId":"{payment}"`
		if members != "" {
			body += "," + members
		}
		all = append(all, refused("refund with "+what, "/refunds", body+"}", fields...))
	}
	for _, amount := range []string{
		`"-1"`, `-1`, `"0"`, `0`, `"0.00"`, `0.0`, `"0.001"`, `0.001`, `"10.505"`, `"1e2"`, `1e2`, `1E2`, `1e400`, `"NaN"`, `"Infinity"`,
		`"12,50"`, `"1.000,50"`, `"1000000000000"`, `1000000000000`, `"99999999999999999999999999999999999999"`, `"+1"`, `" 1"`, `"1 "`,
		`"1."`, `".5"`, `""`, `"0x10"`, `"1_000"`, `"١٢"`, `"１"`, `null`, `true`, `[]`, `["1"]`, `{}`, `{"value":"1"}`,
		`"1.` + strings.Repeat("0", 300) + `"`,
	} {
		add("amount "+shortened([]byte(amount[:min(len(amount), 40)])), `"amount":`+amount, "amount")
	}
	for _, x := range []struct {
		what, members string
		fields        []string
	}{
		{"neither amount nor full", ``, []string{"amount"}},
		{"amount and full", `"amount":"1","full":true`, []string{"amount"}},
		{"full false and no amount", `"full":false`, []string{"amount"}},
		{"full as text", `"full":"true"`, []string{"amount", "full"}},
		{"an unknown member", `"amount":"1","amout":"1"`, []string{"amout"}},
		{"members of other routes", `"amount":"1","decision":"succeeded","idempotencyKey":"k"`, []string{"decision", "idempotencyKey"}},
		{"a name in another case", `"Amount":"1"`, []string{"Amount", "amount"}},
		{"a currency that does not exist", `"amount":"1","currency":"XYZ"`, []string{"currency"}},
		{"a currency in lower case", `"amount":"1","currency":"try"`, []string{"currency"}},
		{"an empty currency", `"amount":"1","currency":""`, []string{"currency"}},
		{"a currency as number", `"amount":"1","currency":949`, []string{"currency"}},
		{"an unknown destination", `"amount":"1","destination":"wallet"`, []string{"destination"}},
		{"an unknown allocation", `"amount":"1","allocation":"random"`, []string{"allocation"}},
		{"an allocation beside a line", `"amount":"1","allocation":"in_order","paymentTransactionId":"{line1}"`, []string{"allocation"}},
		{"an allocation beside full", `"full":true,"allocation":"proportional"`, []string{"allocation"}},
		{"an unknown chargedTo", `"amount":"1","chargedTo":"seller"`, []string{"chargedTo"}},
		{"chargedTo as flag", `"amount":"1","chargedTo":true`, []string{"chargedTo"}},
		{"chargedTo beside an allocation", `"amount":"1","allocation":"iyzico","chargedTo":"merchant"`, []string{"chargedTo"}},
		{"a line as number", `"amount":"1","paymentTransactionId":1`, []string{"paymentTransactionId"}},
		{"a line that is no id", `"amount":"1","paymentTransactionId":"1a"`, []string{"paymentTransactionId"}},
		{"a line of 20 digits", `"amount":"1","paymentTransactionId":"12345678901234567890"`, []string{"paymentTransactionId"}},
		{"an unknown reason", `"amount":"1","reason":"BORED"`, []string{"reason"}},
		{"a description without reason", `"amount":"1","description":"late"`, []string{"description"}},
		{"a description that is too long", `"amount":"1","reason":"OTHER","description":"` + strings.Repeat("x", 5000) + `"`, []string{"description"}},
		{"an ip that is none", `"amount":"1","ip":"300.1.1.1"`, []string{"ip"}},
		{"an ip with a port", `"amount":"1","ip":"192.0.2.1:80"`, []string{"ip"}},
		{"an ip with a zone", `"amount":"1","ip":"fe80::1%eth0"`, []string{"ip"}},
		{"an unknown locale", `"amount":"1","locale":"de"`, []string{"locale"}},
		{"a reference of 101 characters", `"amount":"1","reference":"` + strings.Repeat("ş", 101) + `"`, []string{"reference"}},
		{"a returnUrl to the card", `"amount":"1","returnUrl":"https://shop.example/"`, []string{"returnUrl"}},
		{"dryRun", `"amount":"1","dryRun":true`, []string{"dryRun"}},
		{"every fault at once", `"amount":"-1","currency":"XYZ","destination":1,"reason":"?","ip":"x","locale":"xx","reference":5,"foo":null`,
			[]string{"amount", "currency", "destination", "reason", "ip", "locale", "reference", "foo"}},
	} {
		add(x.what, x.members, x.fields...)
	}
	for what, id := range map[string]string{
		"as number": `10000001`, "empty": `""`, "of 20 digits": `"12345678901234567890"`, "of letters": `"abc"`, "negative": `"-1"`,
		"with a space": `"1 "`, "null": `null`, "in Arabic digits": `"١"`,
	} {
		all = append(all, refused("refund with a paymentId "+what, "/refunds", `{"paymentId":`+id+`,"amount":"1"}`, "paymentId"))
	}
	return append(all, refused("refund without paymentId", "/refunds", `{"amount":"1"}`, "paymentId"))
}

// badMarketplace is what a marketplace may ask for and nobody else: MARKETPLACE is off.
func badMarketplace() []scenario {
	const charged = `{"paymentId":"{payment}","amount":"1","chargedTo":"merchant"}`
	return []scenario{
		refused("refund charged to the merchant where MARKETPLACE is off", "/refunds", charged, "chargedTo"),
		refused("reversal charged to the merchant", "/reversals", `{"paymentId":"{payment}","chargedTo":"merchant"}`, "chargedTo"),
		refused("preview charged to the merchant where MARKETPLACE is off", "/refunds/preview", charged, "chargedTo"),
	}
}

func badBalanceRefunds() []scenario {
	var all []scenario
	for field, member := range map[string]string{
		"amount": `"amount":"1"`, "full": `"full":true`, "paymentTransactionId": `"paymentTransactionId":"{line1}"`, "allocation": `"allocation":"in_order"`,
		"chargedTo": `"chargedTo":"merchant"`,
	} {
		all = append(all, refused("refund to balance with "+field, "/refunds", `{"paymentId":"{payment}","destination":"balance",`+member+`}`, field))
	}
	for what, url := range map[string]string{
		"relative": "/back", "of another scheme": "javascript:alert(1)", "with a password": "https://a:b@shop.example/", "without host": "https:///x",
	} {
		all = append(all, refused("refund to balance with a returnUrl "+what, "/refunds",
			`{"paymentId":"{payment}","destination":"balance","returnUrl":"`+url+`"}`, "returnUrl"))
	}
	return all
}

func badCancels() []scenario {
	return []scenario{
		refused("cancel charged to the merchant", "/cancels", `{"paymentId":"{payment}","chargedTo":"merchant"}`, "chargedTo"),
		refused("cancel without paymentId", "/cancels", `{}`, "paymentId"),
		refused("cancel with a refund's members", "/cancels", `{"paymentId":"{payment}","amount":"1","full":true,"dryRun":true,"currency":"TRY"}`, "amount", "full", "dryRun", "currency"),
		refused("cancel with an unknown member", "/cancels", `{"paymentId":"{payment}","why":"x"}`, "why"),
		refused("cancel with a description without reason", "/cancels", `{"paymentId":"{payment}","description":"x"}`, "description"),
		refused("cancel with wrong types", "/cancels", `{"paymentId":1,"reason":2,"description":3,"ip":4,"locale":5,"reference":6}`,
			"paymentId", "reason", "description", "ip", "locale", "reference"),
	}
}

// badKeys: the key is missing or malformed.
func badKeys() []scenario {
	var all []scenario
	add := func(what string, values ...string) {
		header := http.Header{"Content-Type": {"application/json"}}
		for _, value := range values {
			header.Add("Idempotency-Key", value)
		}
		for _, route := range []struct{ path, body string }{
			{"/refunds", `{"paymentId":"{payment}","amount":"1"}`}, {"/cancels", `{"paymentId":"{payment}"}`}, {"/reversals", `{"paymentId":"{payment}"}`},
		} {
			all = append(all, scenario{name: "key " + what + " on " + route.path, steps: []step{{
				path: route.path, header: header, body: route.body, status: badRequest, slug: invalid, fields: []string{"Idempotency-Key"},
			}}})
		}
	}
	add("missing")
	add("empty", "")
	add("of quotation marks only", `""`)
	add("of 256 characters", strings.Repeat("k", 256))
	add("with a comma", "a,b")
	add("with a comma in quotation marks", `"a,b"`)
	add("twice", "key-1", "key-2")
	add("twice the same", "key-1", "key-1")
	add("with a space inside", "a b")
	add("beyond ASCII", "anahtarış")
	return append(all, scenario{name: "key missing and members wrong", steps: []step{{
		path: "/refunds", header: http.Header{"Content-Type": {"application/json"}}, body: `{"paymentId":"{payment}","amount":"0"}`,
		status: badRequest, slug: invalid, fields: []string{"amount", "Idempotency-Key"},
	}}})
}

// badBodies are bodies that cannot be read as one JSON object, on every route that takes one.
func badBodies() []scenario {
	var all []scenario
	for what, body := range map[string]string{
		"of white space":             " \n\t",
		"broken":                     `{"paymentId":"{payment}","amount":`,
		"with a trailing comma":      `{"paymentId":"{payment}","amount":"1",}`,
		"with a literal NaN":         `{"paymentId":"{payment}","amount":NaN}`,
		"with a number like 010":     `{"paymentId":"{payment}","amount":010}`,
		"in single quotation marks":  `{'paymentId':'{payment}'}`,
		"followed by another":        `{"paymentId":"{payment}","amount":"1"}{"amount":"2"}`,
		"followed by text":           `{"paymentId":"{payment}","amount":"1"} x`,
		"that is an array":           `[{"paymentId":"{payment}","amount":"1"}]`,
		"that is a string":           `"{payment}"`,
		"that is null":               `null`,
		"that is a number":           `1`,
		"in invalid UTF-8":           "{\"paymentId\":\"{payment}\",\"amount\":\"1\",\"reference\":\"\xff\xfe\"}",
		"with a byte order mark":     "\ufeff" + `{"paymentId":"{payment}","amount":"1"}`,
		"with half a character":      `{"paymentId":"{payment}","amount":"1","reference":"\ud800"}`,
		"with a raw control":         "{\"paymentId\":\"{payment}\",\"reference\":\"a\x00b\"}",
		"nested 30,000 times":        strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000),
		"nested in brackets unended": strings.Repeat("[", 60_000),
	} {
		for _, path := range []string{"/refunds", "/cancels"} {
			all = append(all, refused("body "+what+" on "+path, path, body, "body"))
		}
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"key-1"}}
	for _, path := range []string{"/refunds", "/cancels"} {
		all = append(all, scenario{name: "body empty on " + path, steps: []step{{
			path: path, header: header, status: badRequest, slug: invalid, fields: []string{"body"},
		}}})
	}
	return append(all,
		refused("body with a member twice", "/refunds", `{"paymentId":"{payment}","amount":"1","amount":"1"}`, "amount"),
		refused("body with a member twice, once escaped", "/refunds", `{"paymentId":"{payment}","amount":"1","\u0061mount":"2"}`, "amount"),
		refused("body nested too deep in a member", "/refunds",
			`{"paymentId":"{payment}","amount":"1","x":`+strings.Repeat(`{"x":`, 5000)+"1"+strings.Repeat("}", 5000)+"}", strings.TrimSuffix(strings.Repeat("x.", 8), "."), "x"),
	)
}

// badMedia are bodies of a wrong type or size; a good one of exactly the size that is allowed is taken.
func badMedia() []scenario {
	const body = `{"paymentId":"{payment}","amount":"1"}`
	var all []scenario
	media := func(what string, contentTypes ...string) {
		for _, path := range []string{"/refunds", "/cancels"} {
			header := http.Header{"Idempotency-Key": {"key-1"}}
			for _, value := range contentTypes {
				header.Add("Content-Type", value)
			}
			all = append(all, scenario{name: fmt.Sprintf("content type %s on %s", what, path), steps: []step{{
				path: path, header: header, body: body, status: http.StatusUnsupportedMediaType, slug: "unsupported-media-type",
			}}})
		}
	}
	media("missing")
	media("text/plain", "text/plain")
	media("of a form", "application/x-www-form-urlencoded")
	media("text/json", "text/json")
	media("application/json in another charset", "application/json; charset=iso-8859-9")
	media("malformed", "json")
	for what, size := range map[string]int{"65 KiB": 65 << 10, "one byte too many": 64<<10 + 1, "10 MB": 10 << 20} {
		for _, path := range []string{"/refunds", "/cancels"} {
			all = append(all, scenario{name: "body of " + what + " on " + path, steps: []step{{
				path: path, body: `{"paymentId":"1"}` + strings.Repeat(" ", size-17), status: http.StatusRequestEntityTooLarge, slug: "content-too-large",
			}}})
		}
	}
	exact := `{"paymentId":"1","amount":"x"}`
	return append(all,
		scenario{name: "content type with charset", moved: []string{"refund {line1} 1.00"}, operations: 1, steps: []step{{
			path: "/refunds", header: http.Header{"Idempotency-Key": {"key-1"}, "Content-Type": {"Application/JSON; Charset=UTF-8"}}, body: body,
			status: http.StatusCreated, sends: 1,
		}}},
		refused("body of exactly 64 KiB is read", "/refunds", exact+strings.Repeat(" ", 64<<10-len(exact)), "amount"),
	)
}

// badOperatorCalls: nothing about the operation is looked at before the form.
func badOperatorCalls() []scenario {
	const (
		id   = "/operations/rf_{payment}_abcdefghijklmnop"
		good = `{"decision":"succeeded","reason":"seen","by":"op-1"}`
	)
	resolution := id + "/resolution"
	all := []scenario{
		refused("resolution of nothing", resolution, `{}`, "decision", "reason", "by"),
		refused("resolution with an unknown decision", resolution, `{"decision":"expired","reason":"r","by":"b"}`, "decision"),
		refused("resolution with wrong types", resolution, `{"decision":1,"reason":2,"by":3}`, "decision", "reason", "by"),
		refused("resolution with an unknown member", resolution, `{"decision":"succeeded","reason":"r","by":"b","force":true}`, "force"),
		refused("resolution without reason", resolution, `{"decision":"succeeded","reason":"","by":"b"}`, "reason"),
		refused("resolution by a full name", resolution, `{"decision":"succeeded","reason":"r","by":"Ayşe Yılmaz"}`, "by"),
		refused("resolution with a broken body", resolution, `{`, "body"),
		refused("check with a body", id+"/check", `{"force":true}`, "force"),
	}
	media := http.Header{"Content-Type": {"text/plain"}}
	return append(all,
		scenario{name: "resolution that is no JSON", steps: []step{{path: resolution, header: media, body: good, status: 415, slug: "unsupported-media-type"}}},
		scenario{name: "resolution of 65 KiB", steps: []step{{path: resolution, body: strings.Repeat(" ", 65<<10), status: 413, slug: "content-too-large"}}},
		scenario{name: "resolution of nothing known", steps: []step{{path: resolution, body: good, status: 404, slug: "not-found"}}},
		scenario{name: "check of nothing known", steps: []step{{path: id + "/check", method: http.MethodPost, status: 404, slug: "not-found"}}},
		scenario{name: "check of what is no id", steps: []step{{path: "/operations/1/check", method: http.MethodPost, status: 404, slug: "not-found"}}},
		scenario{name: "resolution of what is no id", steps: []step{{path: "/operations/rf_x/resolution", body: good, status: 404, slug: "not-found"}}},
	)
}

func badQueries() []scenario {
	get := func(name, path, field string) scenario {
		return scenario{name: name, steps: []step{{path: path, status: badRequest, slug: invalid, fields: []string{field}}}}
	}
	return []scenario{
		get("payment with a cursor that is none", "/payments/{payment}?cursor=x", "cursor"),
		get("payment with a negative cursor", "/payments/{payment}?cursor=-1", "cursor"),
		get("payment with an empty cursor", "/payments/{payment}?cursor=", "cursor"),
		get("payment with a refresh that is no yes or no", "/payments/{payment}?refresh=1", "refresh"),
		get("payment with an empty refresh", "/payments/{payment}?refresh=", "refresh"),
		get("payments without a conversationId", "/payments", "conversationId"),
		get("payments of an empty conversationId", "/payments?conversationId=", "conversationId"),
		get("payments of a conversationId with a line break", "/payments?conversationId=a%0Ab", "conversationId"),
		get("payments of two conversationIds", "/payments?conversationId=a&conversationId=b", "conversationId"),
		get("payments of another parameter", "/payments?conversationId=a&reference=b", "reference"),
		get("payment with two cursors", "/payments/{payment}?cursor=0&cursor=0", "cursor"),
		get("payment with an unknown parameter", "/payments/{payment}?page=2", "page"),
		get("operations of a status beside one that is none", "/operations?status=succeeded,gone", "status"),
		get("operations of no kind", "/operations?kind=payment", "kind"),
		get("operations from no time", "/operations?from=yesterday", "from"),
		get("operations to no day", "/operations?to=2026-02-30", "to"),
		get("operations that end before they begin", "/operations?from=2026-03-02&to=2026-03-01", "to"),
		get("operations of what is no payment", "/operations?paymentId=abc", "paymentId"),
		get("operations of an empty reference", "/operations?reference=", "reference"),
		get("operations in no order", "/operations?order=up", "order"),
		get("operations of a limit that is none", "/operations?limit=0", "limit"),
		get("all operations with a cursor that is none", "/operations?status=succeeded&cursor=zzz", "cursor"),
		get("the limits with a parameter", "/limits?day=2026-01-31", "day"),
		get("a history with a parameter", "/operations/rf_{payment}_abcdefghijklmnop/history?limit=1", "limit"),
		get("operations of no status", "/operations?status=", "status"),
		get("operations of an unknown status", "/operations?status=awaiting_*", "status"),
		get("operations with a cursor that is none", "/operations?cursor=zzz", "cursor"),
		get("operations with an unknown parameter", "/operations?limit=1000", "limit"),
		refused("refund with its parameters in the query", "/refunds?dryRun=true", `{"paymentId":"{payment}","amount":"1"}`, "dryRun"),
	}
}
