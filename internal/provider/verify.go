package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

func (c *client) verify(ctx context.Context, l link, s signed, o objectModel, d *diag.Diagnostics) {}
