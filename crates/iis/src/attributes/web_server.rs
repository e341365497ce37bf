//! Owns the rows of `system.webServer` but for its security that no typed view reads.
//!
//! Does not own what typed views read (`attributes` does).

use super::{ANY, EMPTY, FALSE, Kind, PATH, REQUIRED, Row, TEXT, TRUE, at, since};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    at("system.webServer/asp", "appAllowClientDebug", Kind::Flag, FALSE),
    at("system.webServer/asp", "appAllowDebugging", Kind::Flag, FALSE),
    at("system.webServer/asp", "errorsToNTLog", Kind::Flag, FALSE),
    at("system.webServer/asp", "logErrorRequests", Kind::Flag, TRUE),
    at("system.webServer/asp", "calcLineNumber", Kind::Flag, TRUE),
    at("system.webServer/asp", "codePage", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "0")]),
    at("system.webServer/asp", "enableApplicationRestart", Kind::Flag, TRUE),
    at("system.webServer/asp", "enableAspHtmlFallback", Kind::Flag, TRUE),
    at("system.webServer/asp", "enableChunkedEncoding", Kind::Flag, TRUE),
    at("system.webServer/asp", "enableParentPaths", Kind::Flag, FALSE),
    at("system.webServer/asp", "exceptionCatchEnable", Kind::Flag, TRUE),
    at("system.webServer/asp", "lcid", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "0")]),
    at("system.webServer/asp", "runOnEndAnonymously", Kind::Flag, TRUE),
    at("system.webServer/asp", "scriptErrorSentToBrowser", Kind::Flag, FALSE),
    at("system.webServer/asp", "scriptLanguage", TEXT, &[("7.0", "VBScript")]),
    at("system.webServer/asp", "bufferingOn", Kind::Flag, TRUE),

    at("system.webServer/asp/session", "allowSessionState", Kind::Flag, TRUE),
    at("system.webServer/asp/session", "keepSessionIdSecure", Kind::Flag, TRUE),
    at("system.webServer/asp/session", "max", ANY, &[("7.0", "4294967295")]),
    at("system.webServer/asp/session", "timeout", Kind::TimeSpan, &[("7.0", "00:20:00")]),

    at("system.webServer/asp/comPlus", "appServiceFlags", Kind::Choices(&["None", "EnableTracker", "EnableSxS", "UsePartition"]), &[("7.0", "None")]),
    at("system.webServer/asp/comPlus", "sxsName", TEXT, EMPTY),
    at("system.webServer/asp/comPlus", "partitionId", TEXT, &[("7.0", "00000000-0000-0000-0000-000000000000")]),
    at("system.webServer/asp/comPlus", "trackThreadingModel", Kind::Flag, FALSE),
    at("system.webServer/asp/comPlus", "executeInMta", Kind::Flag, FALSE),

    at("system.webServer/asp/cache", "diskTemplateCacheDirectory", PATH, &[("7.0", "%SystemDrive%\\inetpub\\temp\\ASP Compiled Templates")]),
    at("system.webServer/asp/cache", "maxDiskTemplateCacheFiles", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "2000")]),
    at("system.webServer/asp/cache", "scriptFileCacheSize", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "500")]),
    at("system.webServer/asp/cache", "scriptEngineCacheMax", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "250")]),
    at("system.webServer/asp/cache", "enableTypelibCache", Kind::Flag, TRUE),

    at("system.webServer/asp/limits", "scriptTimeout", Kind::TimeSpan, &[("7.0", "00:01:30")]),
    at("system.webServer/asp/limits", "bufferingLimit", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "4194304")]),
    at("system.webServer/asp/limits", "maxRequestEntityAllowed", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "200000")]),
    at("system.webServer/asp/limits", "processorThreadMax", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "25")]),
    at("system.webServer/asp/limits", "queueConnectionTestTime", Kind::TimeSpan, &[("7.0", "00:00:03")]),
    at("system.webServer/asp/limits", "queueTimeout", Kind::TimeSpan, &[("7.0", "00:00:00")]),
    at("system.webServer/asp/limits", "requestQueueMax", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "3000")]),

    at("system.webServer/caching", "enabled", Kind::Flag, TRUE),
    at("system.webServer/caching", "enableKernelCache", Kind::Flag, TRUE),
    at("system.webServer/caching", "maxCacheSize", ANY, &[("7.0", "0")]),
    at("system.webServer/caching", "maxResponseSize", ANY, &[("7.0", "262144")]),

    at("system.webServer/caching/profiles/add", "extension", TEXT, REQUIRED),
    at("system.webServer/caching/profiles/add", "policy", Kind::Choice(&["DontCache", "CacheUntilChange", "CacheForTimePeriod", "DisableCache"]), &[("7.0", "DontCache")]),
    at("system.webServer/caching/profiles/add", "kernelCachePolicy", Kind::Choice(&["DontCache", "CacheUntilChange", "CacheForTimePeriod", "DisableCache"]), &[("7.0", "DontCache")]),
    at("system.webServer/caching/profiles/add", "duration", Kind::TimeSpan, &[("7.0", "00:00:30")]),
    at("system.webServer/caching/profiles/add", "location", Kind::Choice(&["Any", "Client", "Downstream", "Server", "None", "ServerAndClient"]), &[("7.0", "Server")]),
    at("system.webServer/caching/profiles/add", "varyByHeaders", TEXT, EMPTY),
    at("system.webServer/caching/profiles/add", "varyByQueryString", TEXT, EMPTY),

    at("system.webServer/cgi", "createCGIWithNewConsole", Kind::Flag, FALSE),
    at("system.webServer/cgi", "createProcessAsUser", Kind::Flag, TRUE),
    at("system.webServer/cgi", "timeout", Kind::TimeSpan, &[("7.0", "00:15:00")]),

    at("system.webServer/globalModules/add", "name", TEXT, REQUIRED),
    at("system.webServer/globalModules/add", "image", PATH, EMPTY),
    at("system.webServer/globalModules/add", "preCondition", TEXT, EMPTY),

    at("system.webServer/httpCompression", "sendCacheHeaders", Kind::Flag, FALSE),
    at("system.webServer/httpCompression", "expiresHeader", TEXT, &[("7.0", "Wed, 01 Jan 1997 12:00:00 GMT")]),
    at("system.webServer/httpCompression", "cacheControlHeader", TEXT, &[("7.0", "max-age=86400")]),
    at("system.webServer/httpCompression", "directory", PATH, &[("7.0", "%SystemDrive%\\inetpub\\temp\\IIS Temporary Compressed Files")]),
    at("system.webServer/httpCompression", "doDiskSpaceLimiting", Kind::Flag, TRUE),
    at("system.webServer/httpCompression", "maxDiskSpaceUsage", ANY, &[("7.0", "100")]),
    at("system.webServer/httpCompression", "minFileSizeForComp", ANY, &[("7.0", "2700")]),
    at("system.webServer/httpCompression", "noCompressionForHttp10", Kind::Flag, TRUE),
    at("system.webServer/httpCompression", "noCompressionForProxies", Kind::Flag, TRUE),
    at("system.webServer/httpCompression", "noCompressionForRange", Kind::Flag, TRUE),
    since("8.0", at("system.webServer/httpCompression", "staticCompressionIgnoreHitFrequency", Kind::Flag, &[("8.0", "false")])),
    at("system.webServer/httpCompression", "staticCompressionDisableCpuUsage", Kind::Number { min: 0, max: 100 }, &[("7.0", "100")]),
    at("system.webServer/httpCompression", "staticCompressionEnableCpuUsage", Kind::Number { min: 0, max: 100 }, &[("7.0", "50")]),
    at("system.webServer/httpCompression", "dynamicCompressionDisableCpuUsage", Kind::Number { min: 0, max: 100 }, &[("7.0", "90")]),
    at("system.webServer/httpCompression", "dynamicCompressionEnableCpuUsage", Kind::Number { min: 0, max: 100 }, &[("7.0", "50")]),
    since("8.0", at("system.webServer/httpCompression", "dynamicCompressionBufferLimit", ANY, &[("8.0", "65536")])),

    at("system.webServer/httpCompression/scheme", "name", TEXT, REQUIRED),
    at("system.webServer/httpCompression/scheme", "doStaticCompression", Kind::Flag, TRUE),
    at("system.webServer/httpCompression/scheme", "doDynamicCompression", Kind::Flag, TRUE),
    at("system.webServer/httpCompression/scheme", "dll", PATH, REQUIRED),
    at("system.webServer/httpCompression/scheme", "staticCompressionLevel", ANY, &[("7.0", "7")]),
    at("system.webServer/httpCompression/scheme", "dynamicCompressionLevel", ANY, &[("7.0", "0")]),

    at("system.webServer/httpCompression/staticTypes/add", "mimeType", TEXT, REQUIRED),
    at("system.webServer/httpCompression/staticTypes/add", "enabled", Kind::Flag, REQUIRED),

    at("system.webServer/httpCompression/dynamicTypes/add", "mimeType", TEXT, REQUIRED),
    at("system.webServer/httpCompression/dynamicTypes/add", "enabled", Kind::Flag, REQUIRED),

    at("system.webServer/httpErrors", "detailedMoreInformationLink", TEXT, &[("7.0", "http://go.microsoft.com/fwlink/?LinkID=62293")]),

    at("system.webServer/httpLogging", "selectiveLogging", Kind::Choice(&["LogAll", "LogSuccessful", "LogError"]), &[("7.0", "LogAll")]),
    at("system.webServer/httpLogging", "dontLog", Kind::Flag, FALSE),

    at("system.webServer/httpTracing/traceUrls/add", "value", TEXT, REQUIRED),

    at("system.webServer/isapiFilters/filter", "name", TEXT, REQUIRED),
    at("system.webServer/isapiFilters/filter", "path", PATH, REQUIRED),
    at("system.webServer/isapiFilters/filter", "enabled", Kind::Flag, TRUE),
    at("system.webServer/isapiFilters/filter", "enableCache", Kind::Flag, FALSE),
    at("system.webServer/isapiFilters/filter", "preCondition", TEXT, EMPTY),

    at("system.webServer/modules", "runAllManagedModulesForAllRequests", Kind::Flag, FALSE),
    at("system.webServer/modules", "runManagedModulesForWebDavRequests", Kind::Flag, FALSE),

    at("system.webServer/modules/add", "name", TEXT, REQUIRED),
    at("system.webServer/modules/add", "type", TEXT, EMPTY),
    at("system.webServer/modules/add", "preCondition", TEXT, EMPTY),

    since("8.0", at("system.webServer/applicationInitialization", "remapManagedRequestsTo", TEXT, &[("8.0", "")])),
    since("8.0", at("system.webServer/applicationInitialization", "skipManagedModules", Kind::Flag, &[("8.0", "false")])),
    since("8.0", at("system.webServer/applicationInitialization", "doAppInitAfterRestart", Kind::Flag, &[("8.0", "false")])),

    since("8.0", at("system.webServer/applicationInitialization/add", "initializationPage", TEXT, REQUIRED)),
    since("8.0", at("system.webServer/applicationInitialization/add", "hostName", TEXT, &[("8.0", "")])),

    at("system.webServer/odbcLogging", "dataSource", TEXT, &[("7.0", "InternetDb")]),
    at("system.webServer/odbcLogging", "tableName", TEXT, &[("7.0", "InternetLog")]),
    at("system.webServer/odbcLogging", "userName", TEXT, &[("7.0", "InternetAdmin")]),
    at("system.webServer/odbcLogging", "password", TEXT, EMPTY),

    at("system.webServer/serverRuntime", "enabled", Kind::Flag, TRUE),
    at("system.webServer/serverRuntime", "appConcurrentRequestLimit", ANY, &[("7.0", "5000")]),
    at("system.webServer/serverRuntime", "maxRequestEntityAllowed", ANY, &[("7.0", "4294967295")]),
    at("system.webServer/serverRuntime", "uploadReadAheadSize", Kind::Number { min: 0, max: 2_147_483_647 }, &[("7.0", "49152")]),
    at("system.webServer/serverRuntime", "alternateHostName", TEXT, EMPTY),
    at("system.webServer/serverRuntime", "enableNagling", Kind::Flag, FALSE),
    at("system.webServer/serverRuntime", "frequentHitThreshold", Kind::Number { min: 1, max: 2_147_483_647 }, &[("7.0", "2")]),
    at("system.webServer/serverRuntime", "frequentHitTimePeriod", Kind::TimeSpan, &[("7.0", "00:00:10")]),
    at("system.webServer/serverRuntime", "authenticatedUserOverride", Kind::Choice(&["UseAuthenticatedUser", "UseWorkerProcessUser"]), &[("7.0", "UseAuthenticatedUser")]),

    at("system.webServer/serverSideInclude", "ssiExecDisable", Kind::Flag, FALSE),

    at("system.webServer/staticContent", "defaultDocFooter", TEXT, EMPTY),
    at("system.webServer/staticContent", "isDocFooterFileName", Kind::Flag, FALSE),
    at("system.webServer/staticContent", "enableDocFooter", Kind::Flag, FALSE),

    at("system.webServer/tracing/traceFailedRequests/add", "path", TEXT, EMPTY),
    at("system.webServer/tracing/traceFailedRequests/add", "customActionExe", PATH, EMPTY),
    at("system.webServer/tracing/traceFailedRequests/add", "customActionParams", PATH, EMPTY),
    at("system.webServer/tracing/traceFailedRequests/add", "customActionTriggerLimit", Kind::Number { min: 0, max: 10_000 }, &[("7.0", "1")]),
    at("system.webServer/tracing/traceFailedRequests/add/traceAreas/add", "provider", TEXT, REQUIRED),
    at("system.webServer/tracing/traceFailedRequests/add/traceAreas/add", "areas", TEXT, EMPTY),
    at("system.webServer/tracing/traceFailedRequests/add/traceAreas/add", "verbosity", Kind::Choice(&["General", "CriticalError", "Error", "Warning", "Information", "Verbose"]), &[("7.0", "Warning")]),
    at("system.webServer/tracing/traceFailedRequests/add/failureDefinitions", "timeTaken", Kind::TimeSpan, &[("7.0", "00:00:00")]),
    at("system.webServer/tracing/traceFailedRequests/add/failureDefinitions", "traceAllAfterTimeout", Kind::Flag, FALSE),
    at("system.webServer/tracing/traceFailedRequests/add/failureDefinitions", "statusCodes", TEXT, EMPTY),
    at("system.webServer/tracing/traceFailedRequests/add/failureDefinitions", "verbosity", Kind::Choice(&["Ignore", "CriticalError", "Error", "Warning"]), &[("7.0", "Ignore")]),

    at("system.webServer/tracing/traceProviderDefinitions/add", "name", TEXT, REQUIRED),
    at("system.webServer/tracing/traceProviderDefinitions/add", "guid", TEXT, REQUIRED),
    at("system.webServer/tracing/traceProviderDefinitions/add/areas/add", "name", TEXT, REQUIRED),
    at("system.webServer/tracing/traceProviderDefinitions/add/areas/add", "value", ANY, REQUIRED),

    at("system.webServer/urlCompression", "doStaticCompression", Kind::Flag, TRUE),
    at("system.webServer/urlCompression", "doDynamicCompression", Kind::Flag, TRUE),
    at("system.webServer/urlCompression", "dynamicCompressionBeforeCache", Kind::Flag, FALSE),

    at("system.webServer/validation", "validateIntegratedModeConfiguration", Kind::Flag, TRUE),

    since("8.0", at("system.webServer/webSocket", "enabled", Kind::Flag, &[("8.0", "true")])),
    since("8.0", at("system.webServer/webSocket", "receiveBufferLimit", Kind::Number { min: 4_096, max: 2_147_483_647 }, &[("8.0", "4194304")])),
    since("8.0", at("system.webServer/webSocket", "pingInterval", Kind::TimeSpan, &[("8.0", "00:00:00")])),
];
