//! Owns the table of IIS collections: what adds to each, what is the key, and where an inner level's
//! items go.
//!
//! Does not merge (`collection` does). From IIS_schema.xml of IIS 10, rewrite_schema.xml and
//! httpplatform_schema.xml: `addElement`, `isUniqueKey`, `isCombinedKey`, `mergeAppend`.

use crate::collection::{Order, Shape};

/// A collection and the path of its element below `<configuration>`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collection {
    pub(crate) element: &'static str,
    pub(crate) shape: Shape,
}

/// The collections that an element holds; `<site>` holds none of its own kind but `<application>`s.
pub(crate) fn of(element: &str) -> impl Iterator<Item = &'static Collection> {
    TABLE.iter().filter(move |collection| collection.element == element)
}

/// How the collection is written whose items have this path.
pub(crate) fn of_items(path: &str) -> Shape {
    let mut all = TABLE.iter();
    let found = all.find(|it| path.rsplit_once('/') == Some((it.element, it.shape.add)));
    found.expect("the table has every collection that a typed view reads").shape
}

/// Inner items come behind the inherited ones; keys are alike whatever their case.
const fn append(element: &'static str, add: &'static str, key: &'static str) -> Collection {
    let shape = Shape { add, key, case_sensitive: false, order: Order::Append };
    Collection { element, shape }
}

/// The same for keys whose case counts.
const fn append_exact(element: &'static str, add: &'static str, key: &'static str) -> Collection {
    let collection = append(element, add, key);
    Collection { shape: Shape { case_sensitive: true, ..collection.shape }, ..collection }
}

/// Inner items come before the inherited ones.
const fn prepend(element: &'static str, add: &'static str, key: &'static str) -> Collection {
    let collection = append(element, add, key);
    Collection { shape: Shape { order: Order::Prepend, ..collection.shape }, ..collection }
}

const fn prepend_exact(element: &'static str, add: &'static str, key: &'static str) -> Collection {
    let collection = prepend(element, add, key);
    Collection { shape: Shape { case_sensitive: true, ..collection.shape }, ..collection }
}

/// Every collection; one without a key may hold items that are alike.
#[rustfmt::skip]
const TABLE: &[Collection] = &[
    // Of .NET, where a second item of a key overrides the first: `app_settings` reads it.
    append("appSettings", "add", "key"),
    append("system.applicationHost/applicationPools", "add", "name"),
    append("system.applicationHost/applicationPools/add/recycling/periodicRestart/schedule", "add", "value"),
    append("system.applicationHost/applicationPools/add/environmentVariables", "add", "name"),
    append("system.applicationHost/listenerAdapters", "add", "name"),
    append_exact("system.applicationHost/serviceAutoStartProviders", "add", "name"),
    append("system.applicationHost/sites", "site", "name"),
    append("system.applicationHost/sites/site/bindings", "binding", "protocol,bindingInformation"),
    append("system.applicationHost/sites/site/logFile/customFields", "add", "logFieldName"),
    append("system.applicationHost/sites/site", "application", "path"),
    append("system.applicationHost/sites/site/application", "virtualDirectory", "path"),
    prepend("system.webServer/caching/profiles", "add", "extension"),
    prepend("system.webServer/defaultDocument/files", "add", "value"),
    append("system.webServer/fastCgi", "application", "fullPath,arguments"),
    append("system.webServer/fastCgi/application/environmentVariables", "environmentVariable", "name"),
    append_exact("system.webServer/globalModules", "add", "name"),
    prepend_exact("system.webServer/handlers", "add", "name"),
    append("system.webServer/httpCompression", "scheme", "name"),
    append("system.webServer/httpCompression/staticTypes", "add", "mimeType"),
    append("system.webServer/httpCompression/dynamicTypes", "add", "mimeType"),
    append("system.webServer/httpErrors", "error", "statusCode,subStatusCode=-1"),
    append("system.webServer/httpProtocol/customHeaders", "add", "name"),
    append("system.webServer/httpProtocol/redirectHeaders", "add", "name"),
    append("system.webServer/httpRedirect", "add", "wildcard"),
    append("system.webServer/httpTracing/traceUrls", "add", "value"),
    append_exact("system.webServer/isapiFilters", "filter", "name"),
    append_exact("system.webServer/modules", "add", "name"),
    append("system.webServer/applicationInitialization", "add", "initializationPage"),
    append("system.webServer/security/applicationDependencies", "application", "name"),
    append("system.webServer/security/applicationDependencies/application", "add", "groupId"),
    append("system.webServer/security/authentication/iisClientCertificateMappingAuthentication/manyToOneMappings", "add", "name"),
    append_exact("system.webServer/security/authentication/iisClientCertificateMappingAuthentication/manyToOneMappings/add/rules", "add", "certificateField,certificateSubField,matchCriteria,compareCaseSensitive=true"),
    append_exact("system.webServer/security/authentication/iisClientCertificateMappingAuthentication/oneToOneMappings", "add", "certificate"),
    append("system.webServer/security/authentication/windowsAuthentication/providers", "add", "value"),
    append("system.webServer/security/authentication/windowsAuthentication/extendedProtection", "spn", "name"),
    // Of the three the case of verbs alone counts, and GET is not written otherwise.
    append("system.webServer/security/authorization", "add", "users,roles,verbs"),
    append("system.webServer/security/ipSecurity", "add", "ipAddress,subnetMask=255.255.255.255,domainName"),
    append("system.webServer/security/isapiCgiRestriction", "add", "path"),
    append("system.webServer/security/requestFiltering/fileExtensions", "add", "fileExtension"),
    append("system.webServer/security/requestFiltering/requestLimits/headerLimits", "add", "header"),
    append_exact("system.webServer/security/requestFiltering/verbs", "add", "verb"),
    append("system.webServer/security/requestFiltering/hiddenSegments", "add", "segment"),
    append("system.webServer/security/requestFiltering/alwaysAllowedUrls", "add", "url"),
    append("system.webServer/security/requestFiltering/alwaysAllowedQueryStrings", "add", "queryString"),
    append("system.webServer/security/requestFiltering/denyUrlSequences", "add", "sequence"),
    append("system.webServer/security/requestFiltering/denyQueryStringSequences", "add", "sequence"),
    append("system.webServer/security/requestFiltering/filteringRules", "filteringRule", "name"),
    append("system.webServer/security/requestFiltering/filteringRules/filteringRule/scanHeaders", "add", "requestHeader"),
    append("system.webServer/security/requestFiltering/filteringRules/filteringRule/appliesTo", "add", "fileExtension"),
    append("system.webServer/security/requestFiltering/filteringRules/filteringRule/denyStrings", "add", "string"),
    append("system.webServer/staticContent", "mimeMap", "fileExtension"),
    append("system.webServer/tracing/traceFailedRequests", "add", "path"),
    append("system.webServer/tracing/traceFailedRequests/add/traceAreas", "add", "provider"),
    append("system.webServer/tracing/traceProviderDefinitions", "add", "name"),
    append("system.webServer/tracing/traceProviderDefinitions/add/areas", "add", "name"),
    append("system.webServer/httpPlatform/recycleOnFileChange", "file", ""),
    append("system.webServer/httpPlatform/environmentVariables", "environmentVariable", ""),
    append("system.webServer/rewrite/allowedServerVariables", "add", "name"),
    append("system.webServer/rewrite/rules", "rule", "name"),
    append("system.webServer/rewrite/rules/rule/conditions", "add", ""),
    append("system.webServer/rewrite/rules/rule/serverVariables", "set", "name"),
    append("system.webServer/rewrite/outboundRules/customTags", "tags", "name"),
    append("system.webServer/rewrite/outboundRules/customTags/tags", "tag", "name,attribute"),
    append("system.webServer/rewrite/outboundRules/preConditions", "preCondition", "name"),
    append("system.webServer/rewrite/outboundRules/preConditions/preCondition", "add", "input,matchType=Pattern,pattern,ignoreCase=true,negate=false"),
    append("system.webServer/rewrite/outboundRules", "rule", "name"),
    append("system.webServer/rewrite/outboundRules/rule/conditions", "add", "input,matchType=Pattern,pattern,ignoreCase=true,negate=false"),
    append("system.webServer/rewrite/providers", "provider", "name"),
    append("system.webServer/rewrite/providers/provider/settings", "add", "key"),
    append("system.webServer/rewrite/rewriteMaps", "rewriteMap", "name"),
    append_exact("system.webServer/rewrite/rewriteMaps/rewriteMap", "add", "key"),
];
