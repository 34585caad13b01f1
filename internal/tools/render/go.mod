// Shows pages as a registry does: a module of its own, so that neither the provider nor the other tools depend on a Markdown library.
module github.com/alioss/terraform-provider-alioss/internal/tools/render

go 1.26.8

require github.com/yuin/goldmark v1.7.7
