#import <Foundation/Foundation.h>

static BOOL download(NSString *text, NSString *file) {
  NSURL *url = [NSURL URLWithString:text]; // never escape the URL again
  NSHTTPURLResponse *answer = nil;
  NSData *data = [NSURLConnection sendSynchronousRequest:[NSURLRequest requestWithURL:url]
                                       returningResponse:&answer
                                                   error:NULL];
  return data != nil && [answer statusCode] == 200 && [data writeToFile:file atomically:YES];
}

int main(void) {
  NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init]; // with clang: @autoreleasepool { … }
  NSDictionary *env = [[NSProcessInfo processInfo] environment];
  BOOL good = download([env objectForKey:@"URL"], [env objectForKey:@"FILE"]);
  [pool drain];
  return good ? 0 : 1;
}
