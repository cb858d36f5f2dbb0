/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The field's validators, on exactly the text that meta-data prints. They disagree about what OCF
 * 1.1 added: `unique-group` and `reloadable` are not in the old DTD (the document's internal subset
 * declares them) and not in resource-agents' own grammar, which therefore sees the document without
 * these two attributes ("plain") and is asked about all the rest.
 */
#include "metagen.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

static const char *dtd_path;
static xmlExternalEntityLoader default_loader;

/* The DOCTYPE names the DTD by its bare file name; the directory is the validator's business. */
static xmlParserInputPtr load_dtd(const char *url, const char *id, xmlParserCtxtPtr context)
{
	size_t len = url ? strlen(url) : 0;
	static const char name[] = "ra-api-1.dtd";

	if (len >= sizeof(name) - 1 && strcmp(url + len - (sizeof(name) - 1), name) == 0)
		return default_loader(dtd_path, id, context);
	return NULL;
}

bool validate_dtd(const struct model *model, const char *dtd)
{
	xmlParserCtxt *context = must(xmlNewParserCtxt());
	bool valid = false;
	xmlDoc *doc;

	dtd_path = dtd;
	default_loader = xmlGetExternalEntityLoader();
	xmlSetExternalEntityLoader(load_dtd);
	doc = xmlCtxtReadMemory(context, model->text, (int) strlen(model->text), model->file, NULL,
				XML_PARSE_DTDLOAD | XML_PARSE_DTDVALID | XML_PARSE_NONET);
	xmlSetExternalEntityLoader(default_loader);
	valid = doc && context->valid;
	if (!valid)
		complain(model->file, 1, "does not fit the DTD %s", dtd);
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(context);
	return valid;
}

static void strip(xmlNode *node)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		(void) xmlUnsetProp(node, (const xmlChar *) "unique-group");
		(void) xmlUnsetProp(node, (const xmlChar *) "reloadable");
		strip(node->children);
	}
}

bool validate_grammar(const struct model *model, const char *grammar, bool plain)
{
	xmlRelaxNGParserCtxt *parser = must(xmlRelaxNGNewParserCtxt(grammar));
	xmlRelaxNG *schema = xmlRelaxNGParse(parser);
	xmlRelaxNGValidCtxt *validator;
	bool valid;
	xmlDoc *doc;

	xmlRelaxNGFreeParserCtxt(parser);
	if (!schema) {
		complain(grammar, 1, "cannot be used as a grammar");
		return false;
	}
	doc = xmlReadMemory(model->text, (int) strlen(model->text), model->file, NULL,
			    XML_PARSE_NONET);
	if (doc && plain)
		strip(xmlDocGetRootElement(doc));
	validator = must(xmlRelaxNGNewValidCtxt(schema));
	valid = doc && xmlRelaxNGValidateDoc(validator, doc) == 0;
	if (!valid)
		complain(model->file, 1, "does not fit the grammar %s", grammar);
	xmlRelaxNGFreeValidCtxt(validator);
	xmlRelaxNGFree(schema);
	xmlFreeDoc(doc);
	return valid;
}
