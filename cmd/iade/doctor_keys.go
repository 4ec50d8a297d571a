package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/iade/iade/pkg/iyzico"
)

// keyTrial bounds the one read with which keys are tried.
const keyTrial = 10 * time.Second

// pair is iyzico's keys as the secret holds them. No key is ever shown.
type pair struct {
	APIKey string `json:"apiKey"`
	Secret string `json:"secretKey"`
}

// lookAtLocalKeys looks at iyzico's keys and address in this environment, where they are.
func (p *patient) lookAtLocalKeys(ctx context.Context) finding {
	const check = "local keys"
	key, address := p.getenv("IYZICO_API_KEY"), p.getenv("IYZICO_BASE_URL")
	if key == "" || address == "" {
		return skipped(check, text{"IYZICO_API_KEY and IYZICO_BASE_URL are not set here", "IYZICO_API_KEY ve IYZICO_BASE_URL burada ayarlı değil"})
	}
	return keyFinding(ctx, check, address, pair{APIKey: key, Secret: p.getenv("IYZICO_SECRET_KEY")})
}

// keyFinding compares a key with an address, which may be of two worlds, and tries the keys with one read if both are there.
func keyFinding(ctx context.Context, check, address string, keys pair) finding {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return problem(check, text{"IYZICO_BASE_URL is no address", "IYZICO_BASE_URL bir adres değil"},
			text{"set it to " + iyzico.LiveURL + " or " + iyzico.SandboxURL, iyzico.LiveURL + " veya " + iyzico.SandboxURL + " yapın"})
	}
	sandboxKey := strings.HasPrefix(keys.APIKey, "sandbox-")
	switch live, sandbox := strings.HasSuffix(iyzico.LiveURL, "//"+u.Hostname()), strings.HasSuffix(iyzico.SandboxURL, "//"+u.Hostname()); {
	case live && sandboxKey:
		return problem(check, text{"a sandbox key stands beside iyzico's live address: every call is refused", "sandbox anahtarı canlı iyzico adresiyle birlikte: her çağrı reddedilir"},
			text{"use the live key, or " + iyzico.SandboxURL, "canlı anahtarı veya " + iyzico.SandboxURL + " adresini kullanın"})
	case sandbox && !sandboxKey:
		return problem(check, text{"a live key stands beside iyzico's sandbox: every call is refused, and the live key travels where it should not",
			"canlı anahtar sandbox adresiyle birlikte: her çağrı reddedilir ve canlı anahtar gitmemesi gereken yere gider"},
			text{"use the sandbox's key, or " + iyzico.LiveURL, "sandbox anahtarını veya " + iyzico.LiveURL + " adresini kullanın"})
	case keys.Secret == "":
		return fine(check, text{"key and address are of the same world; without IYZICO_SECRET_KEY they were not tried",
			"anahtar ve adres birbirine uyuyor; IYZICO_SECRET_KEY olmadığından denenmedi"})
	}
	return tried(ctx, check, address, keys)
}

// tried reads the report of a payment that is none: iyzico looks at the keys first, and moves nothing.
func tried(ctx context.Context, check, address string, keys pair) finding {
	wrong := problem(check, text{"iyzico does not take the keys: nothing can be sent", "iyzico anahtarları kabul etmiyor: hiçbir şey gönderilemez"},
		text{"copy both keys again from iyzico's panel, from the one that the address belongs to", "iki anahtarı da iyzico panelinden, adresin ait olduğu ortamdan yeniden kopyalayın"})
	client, err := iyzico.New(iyzico.Config{BaseURL: address, APIKey: iyzico.Secret(keys.APIKey), SecretKey: iyzico.Secret(keys.Secret)})
	if err != nil {
		return wrong
	}
	ctx, cancel := context.WithTimeout(ctx, keyTrial)
	defer cancel()
	_, err = client.RetrieveReport(ctx, iyzico.RetrieveReportRequest{PaymentID: "1"})
	var said *iyzico.Error
	switch {
	case err == nil, errors.As(err, &said) && said.Code != "" && said.Reason != iyzico.ReasonCredentials:
		return fine(check, text{"iyzico takes the keys", "iyzico anahtarları kabul ediyor"})
	case said != nil && said.Reason == iyzico.ReasonCredentials:
		return wrong
	}
	return problem(check, text{"iyzico gave no answer of use, so the keys were not tried", "iyzico'dan işe yarar yanıt gelmedi, anahtarlar denenemedi"},
		text{"look whether this machine reaches " + address + ", and run it again", "bu makinenin " + address + " adresine ulaşıp ulaşmadığına bakın ve yeniden çalıştırın"})
}

// lookAtSecret says whether keys were put into the stack's secret. With -keys it reads them, and tries them as local ones.
func (p *patient) lookAtSecret(ctx context.Context, secrets *secretsmanager.Client, d *deployment) finding {
	const check = "stack's keys"
	arn := d.outputs["IyzicoSecretArn"]
	described, err := secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil {
		return awsUnreadable(check, "secretsmanager:DescribeSecret")
	}
	if len(described.VersionIdsToStages) == 0 {
		return problem(check, text{"the secret of iyzico's keys is empty: nothing can be sent", "iyzico anahtarlarının gizli değeri boş: hiçbir şey gönderilemez"},
			text{"run the command of the stack's output PutIyzicoKeys", "yığının PutIyzicoKeys çıktısındaki komutu çalıştırın"})
	}
	if !p.readKeys {
		return fine(check, text{"the secret holds keys; -keys reads and tries them", "gizli değerde anahtar var; -keys okuyup dener"})
	}
	got, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return awsUnreadable(check, "secretsmanager:GetSecretValue")
	}
	var keys pair
	if json.Unmarshal([]byte(aws.ToString(got.SecretString)), &keys) != nil || keys.APIKey == "" || keys.Secret == "" {
		return problem(check, text{"the secret has not the form of keys: no function can read it", "gizli değer anahtar biçiminde değil: hiçbir işlev okuyamaz"},
			text{`put {"apiKey":"…","secretKey":"…"} into it`, `içine {"apiKey":"…","secretKey":"…"} koyun`})
	}
	return keyFinding(ctx, check, d.parameters["IyzicoBaseUrl"], keys)
}
